package dev.headrace.internal.ring;

import dev.headrace.linux.DirectoryNames;
import dev.headrace.linux.Errno;
import dev.headrace.linux.FileCalls;
import dev.headrace.linux.FileFlags;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.uring.IoUringIoOps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The next names of a directory, as many as fit. No ring has getdents. */
public final class DirectoryRequest implements Request<DirectoryRequest.Chunk> {
  /**
   * What was read.
   *
   * @param names none where there were only the directory itself and its parent
   * @param isEnd whether there are no more
   */
  public record Chunk(List<DirectoryNames.Name> names, boolean isEnd) {}

  /** As much as the C library reads at once: about a thousand names. */
  private static final int CHUNK_BYTES = 32 << 10;

  private final OpenFile directory;
  private final ByteBuf chunk = Unpooled.directBuffer(CHUNK_BYTES);
  private long result;

  /** Reads on in an open directory. */
  public DirectoryRequest(OpenFile directory) {
    this.directory = directory;
  }

  /** Opens a directory to read its names. */
  public static OpenRequest open(EngineFiles files, Path path) {
    int flags = FileFlags.O_RDONLY | FileFlags.O_DIRECTORY | FileFlags.O_CLOEXEC;
    return new OpenRequest(files, CPath.of(path), flags, 0);
  }

  @Override
  public String name() {
    return "list";
  }

  @Override
  public int opcode() {
    return FileRequests.NO_OPCODE;
  }

  @Override
  public IoUringIoOps submission(short tag, byte flags) {
    throw new AssertionError("no ring has getdents");
  }

  @Override
  public long call() {
    return FileCalls.getdents(directory.descriptor(), chunk.memoryAddress(), CHUNK_BYTES);
  }

  @Override
  public boolean again(long answer) {
    result = answer;
    return false;
  }

  @Override
  public Chunk value() throws IOException {
    if (result < 0 && result != -Errno.ENOENT) { // ENOENT: it was removed, and so is empty
      throw FileFailures.of("list", directory.path(), result);
    }
    int length = (int) Math.max(0, result);
    return new Chunk(DirectoryNames.read(chunk.memoryAddress(), length), length == 0);
  }

  @Override
  public void release() {
    chunk.release();
  }
}
