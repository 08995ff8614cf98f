package dev.headrace.file;

import dev.headrace.internal.ring.DirectoryRequest;
import dev.headrace.internal.ring.LoopFiles;
import dev.headrace.internal.ring.OpenFile;
import dev.headrace.internal.ring.PathBytes;
import dev.headrace.linux.DirectoryNames;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * The names of a directory, read as they are asked for: 32 KiB of them are held at a time. One task
 * uses it at a time, and closes it; closing the engine closes it as well.
 *
 * <p>The names come in the file system's own order, without {@code .} and {@code ..}. One that is
 * made or removed meanwhile comes or does not.
 */
public final class DirectoryListing implements Iterable<DirectoryEntry>, AutoCloseable {
  private final LoopFiles files;
  private final Path path;
  private final OpenFile directory;
  private final Deque<DirectoryNames.Name> names = new ArrayDeque<>();
  private boolean ended;

  private DirectoryListing(LoopFiles files, Path path, OpenFile directory) {
    this.files = files;
    this.path = path;
    this.directory = directory;
  }

  static DirectoryListing of(LoopFiles files, Path path) throws IOException {
    OpenFile directory = Asking.ask(files, DirectoryRequest.open(files.engine(), path));
    return new DirectoryListing(files, path, directory);
  }

  /**
   * The next name; waits when the ones that were read are used up.
   *
   * @return null at the end
   * @throws java.io.InterruptedIOException when the caller is interrupted; no name is lost
   * @throws java.nio.channels.ClosedChannelException when it is closed
   * @throws IOException when the directory cannot be read on
   */
  public DirectoryEntry next() throws IOException {
    if (names.isEmpty() && !ended) {
      readOn();
    }
    DirectoryNames.Name next = names.poll();
    return next == null ? null : entry(next);
  }

  /** Until there are some: a chunk may hold no others than the directory itself and its parent. */
  private void readOn() throws IOException {
    DirectoryRequest.Chunk chunk;
    do {
      chunk = Asking.askToTheEnd(files, directory, new DirectoryRequest(directory));
      names.addAll(chunk.names());
      ended = chunk.isEnd();
    } while (names.isEmpty() && !ended);
  }

  private DirectoryEntry entry(DirectoryNames.Name name) {
    Optional<FileStat.Kind> kind =
        name.type() == 0 ? Optional.empty() : Optional.of(FileStat.kind(name.type()));
    return new DirectoryEntry(path.resolve(PathBytes.name(name.bytes())), kind);
  }

  /** How many names are held. */
  int held() {
    return names.size();
  }

  /**
   * All names that are left, once.
   *
   * @return reads as {@link #next} does; an error is an {@link UncheckedIOException}
   */
  @Override
  public Iterator<DirectoryEntry> iterator() {
    return new Iterator<>() {
      private DirectoryEntry ahead;

      @Override
      public boolean hasNext() {
        if (ahead == null) {
          try {
            ahead = DirectoryListing.this.next();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
        return ahead != null;
      }

      @Override
      public DirectoryEntry next() {
        if (!hasNext()) {
          throw new NoSuchElementException(path + " has no more names");
        }
        DirectoryEntry given = ahead;
        ahead = null;
        return given;
      }
    };
  }

  /** Closes the directory; a second time does nothing. */
  @Override
  public void close() throws IOException {
    names.clear();
    Closing.await(directory.close());
  }
}
