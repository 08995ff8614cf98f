package dev.headrace.internal.ring;

import dev.headrace.linux.Errno;
import dev.headrace.linux.FileCalls;
import io.netty.channel.uring.IoUringIoOps;
import java.io.IOException;

/** Copies a part of a file within the kernel. No ring has copy_file_range. */
public final class CopyRequest implements Request<Long> {
  /** What a copy that is cancelled may have to wait for. */
  private static final long MOST_BYTES = 8 << 20;

  private final OpenFile from;
  private final OpenFile to;
  private final long position;
  private long result;

  /**
   * Copies what comes next.
   *
   * @param from open to be read
   * @param to open to be written; its user keeps it open meanwhile
   * @param position in both
   */
  public CopyRequest(OpenFile from, OpenFile to, long position) {
    this.from = from;
    this.to = to;
    this.position = position;
  }

  @Override
  public String name() {
    return "copy";
  }

  @Override
  public int opcode() {
    return FileRequests.NO_OPCODE;
  }

  @Override
  public IoUringIoOps submission(short tag, byte flags) {
    throw new AssertionError("no ring has copy_file_range");
  }

  @Override
  public long call() {
    return FileCalls.copyFileRange(
        from.descriptor(), position, to.descriptor(), position, MOST_BYTES);
  }

  @Override
  public boolean again(long answer) {
    result = answer;
    return false;
  }

  /**
   * How many bytes were copied.
   *
   * @return 0 where the kernel does not copy between these two, or there is nothing more: reading
   *     tells
   * @throws IOException when it failed
   */
  @Override
  public Long value() throws IOException {
    if (result >= 0) {
      return result;
    }
    return switch ((int) -result) {
      case Errno.EXDEV, Errno.EINVAL, Errno.EOPNOTSUPP, Errno.ENOSYS -> 0L;
      // A filter of system calls that does not know it says so; else writing says it again.
      case Errno.EPERM -> 0L;
      default -> throw FileFailures.of("copy", from.path(), to.path(), result);
    };
  }
}
