package dev.headrace.internal.ring;

import dev.headrace.linux.FileCalls;
import dev.headrace.linux.FileFlags;
import io.netty.channel.uring.IoUringIoOps;
import java.io.IOException;

/** Opens a file. */
public final class OpenRequest implements Request<OpenFile> {
  private final EngineFiles files;
  private final CPath path;
  private final int openFlags;
  private final int mode;
  private long result = -1;

  /**
   * Opens a file.
   *
   * @param files of the engine, which closes what is left open
   * @param path the request's to release
   * @param openFlags {@code O_…}; close-on-exec is added by the caller
   * @param mode of a file that is made, before the umask
   */
  public OpenRequest(EngineFiles files, CPath path, int openFlags, int mode) {
    this.files = files;
    this.path = path;
    this.openFlags = openFlags;
    this.mode = mode;
  }

  @Override
  public String name() {
    return "open";
  }

  @Override
  public int opcode() {
    return Sqe.OPENAT;
  }

  @Override
  public IoUringIoOps submission(short tag, byte flags) {
    return Sqe.openat(flags, path.address(), openFlags, mode, tag);
  }

  @Override
  public long call() {
    return FileCalls.openat(path.address(), openFlags, mode);
  }

  @Override
  public boolean again(long answer) {
    result = answer;
    return false;
  }

  @Override
  public OpenFile value() throws IOException {
    if (result < 0) {
      throw FileFailures.of("open", path.text(), result);
    }
    return opened();
  }

  /** Opened, and nobody wants it any more. */
  @Override
  public void discard() {
    if (result >= 0) {
      opened().close();
    }
  }

  private OpenFile opened() {
    boolean isDirect = (openFlags & FileFlags.O_DIRECT) == FileFlags.O_DIRECT;
    return files.opened(path.text(), (int) result, isDirect);
  }

  @Override
  public void release() {
    path.release();
  }
}
