package dev.headrace.internal.ring;

import dev.headrace.linux.DirectoryNames;
import dev.headrace.linux.Errno;
import dev.headrace.linux.FileCalls;
import dev.headrace.linux.FileFlags;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Removes a directory and all that it holds, a bounded step at a time.
 *
 * <p>Each name is removed from the directory that was opened, by its descriptor, and no link is
 * followed: whoever puts a link into a directory's place meanwhile leads it nowhere. What somebody
 * else has removed is removed; what somebody adds is removed as well, as long as that makes
 * headway. It holds a descriptor for each level of the tree.
 *
 * <p>Used by one thread at a time: who makes it, a step's worker, who closes it.
 */
public final class TreeRemoval implements AutoCloseable {
  private static final int STEP_NAMES = 1024;
  private static final int CHUNK_BYTES = 32 << 10;
  private static final int LONGEST_PATH_BYTES = 4096;
  private static final int MOST_FRUITLESS_PASSES = 3;
  private static final int OPEN_FLAGS =
      FileFlags.O_RDONLY | FileFlags.O_DIRECTORY | FileFlags.O_NOFOLLOW | FileFlags.O_CLOEXEC;

  /** A directory that is being emptied. */
  private static final class Level {
    final int descriptor;
    final byte[] name; // within the level above
    final String path;
    final Deque<byte[]> directories = new ArrayDeque<>(); // found, and not yet emptied
    boolean hasRemoved;
    int fruitlessPasses;

    Level(int descriptor, byte[] name, String path) {
      this.descriptor = descriptor;
      this.name = name;
      this.path = path;
    }
  }

  private final String rootPath;
  private final byte[] root;
  private final Deque<Level> levels = new ArrayDeque<>(); // the deepest first
  private final ByteBuf chunk = Unpooled.directBuffer(CHUNK_BYTES);
  private final ByteBuf name = Unpooled.directBuffer(LONGEST_PATH_BYTES);
  private boolean begun;
  private long removed;

  /** Removes what a path leads to; if that is a link, the link. */
  public TreeRemoval(Path root) {
    this.rootPath = root.toString();
    this.root = PathBytes.of(root);
  }

  /**
   * The next step.
   *
   * @return a request that gives whether there is more to do; this is left alone until it is done
   */
  public Request<Boolean> step() {
    return new ThreadRequest<>("removeTree", rootPath, this::work);
  }

  private boolean work() throws IOException {
    long until = removed + STEP_NAMES;
    if (!begun) {
      begun = true;
      remove(root, rootPath);
    }
    while (!levels.isEmpty() && removed < until) {
      Level level = levels.peek();
      if (level.directories.isEmpty()) {
        readOn(level);
      } else {
        byte[] next = level.directories.poll();
        descend(next, path(level, next), 0);
      }
    }
    return !levels.isEmpty();
  }

  /** Counts, so that steps end: also what was removed by somebody else, or is but looked at. */
  private void removed() {
    removed++;
    if (!levels.isEmpty()) {
      levels.peek().hasRemoved = true;
    }
  }

  private void remove(byte[] what, String path) throws IOException {
    int result = FileCalls.unlinkat(parent(), terminated(what), 0);
    switch (-result) {
      case 0 -> removed();
      case Errno.ENOENT -> {
        if (levels.isEmpty()) {
          throw failure(path, result);
        }
        removed++;
      }
      case Errno.EISDIR -> {
        if (levels.isEmpty()) {
          descend(what, path, 0);
        } else {
          levels.peek().directories.add(what);
        }
      }
      default -> throw failure(path, result);
    }
  }

  private void descend(byte[] what, String path, int fruitlessPasses) throws IOException {
    int descriptor = FileCalls.openat(parent(), terminated(what), OPEN_FLAGS, 0);
    switch (descriptor < 0 ? -descriptor : 0) {
      case 0 -> {
        Level level = new Level(descriptor, what, path);
        level.fruitlessPasses = fruitlessPasses;
        levels.push(level);
      }
      case Errno.ENOENT -> removed++;
      case Errno.ENOTDIR, Errno.ELOOP -> remove(what, path); // it was replaced meanwhile
      case Errno.EACCES -> removeUnread(what, path, descriptor);
      default -> throw failure(path, descriptor);
    }
  }

  /** It may not be read, but it may be empty. */
  private void removeUnread(byte[] what, String path, int refusal) throws IOException {
    int result = FileCalls.unlinkat(parent(), terminated(what), FileFlags.AT_REMOVEDIR);
    if (result < 0) {
      throw failure(path, result == -Errno.ENOTEMPTY ? refusal : result);
    }
    removed();
  }

  private void readOn(Level level) throws IOException {
    int length = FileCalls.getdents(level.descriptor, chunk.memoryAddress(), CHUNK_BYTES);
    if (length == 0 || length == -Errno.ENOENT) {
      leave(level);
      return;
    }
    if (length < 0) {
      throw failure(level.path, length);
    }
    for (DirectoryNames.Name found : DirectoryNames.read(chunk.memoryAddress(), length)) {
      if (found.type() == FileFlags.S_IFDIR) {
        level.directories.add(found.bytes());
      } else {
        remove(found.bytes(), path(level, found.bytes()));
      }
    }
  }

  /** Its end was reached: some file systems skip names while others are removed. */
  private void leave(Level level) throws IOException {
    levels.pop();
    FileCalls.close(level.descriptor);
    int result = FileCalls.unlinkat(parent(), terminated(level.name), FileFlags.AT_REMOVEDIR);
    switch (-result) {
      case 0 -> removed();
      case Errno.ENOENT -> removed++;
      case Errno.ENOTDIR -> remove(level.name, level.path); // it was replaced meanwhile
      case Errno.ENOTEMPTY, Errno.EEXIST -> {
        int fruitless = level.hasRemoved ? 0 : level.fruitlessPasses + 1;
        if (fruitless == MOST_FRUITLESS_PASSES) {
          throw failure(level.path, result);
        }
        descend(level.name, level.path, fruitless);
      }
      default -> throw failure(level.path, result);
    }
  }

  private int parent() {
    return levels.isEmpty() ? FileFlags.AT_FDCWD : levels.peek().descriptor;
  }

  private long terminated(byte[] bytes) {
    name.clear().writeBytes(bytes).writeByte(0);
    return name.memoryAddress();
  }

  private static String path(Level level, byte[] name) {
    return level.path + "/" + PathBytes.text(name);
  }

  private static IOException failure(String path, int result) {
    return FileFailures.of("removeTree", path, result);
  }

  /** Closes what is open, whether all was removed or not; no step is under way. */
  @Override
  public void close() {
    levels.forEach(level -> FileCalls.close(level.descriptor));
    levels.clear();
    chunk.release();
    name.release();
  }
}
