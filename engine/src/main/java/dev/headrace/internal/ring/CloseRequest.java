package dev.headrace.internal.ring;

import dev.headrace.linux.Errno;
import dev.headrace.linux.FileCalls;
import io.netty.channel.uring.IoUringIoOps;
import java.io.IOException;

/** Closes a descriptor. Linux has freed its number whatever it answers. */
final class CloseRequest implements Request<Void> {
  private final String path;
  private final int descriptor;
  private volatile boolean asked;
  private long result;

  CloseRequest(String path, int descriptor) {
    this.path = path;
    this.descriptor = descriptor;
  }

  @Override
  public String name() {
    return "close";
  }

  @Override
  public int opcode() {
    return Sqe.CLOSE;
  }

  @Override
  public IoUringIoOps submission(short tag, byte flags) {
    asked = true;
    return Sqe.close(flags, descriptor, tag);
  }

  @Override
  public long call() {
    asked = true;
    return FileCalls.close(descriptor);
  }

  /** Whether the kernel was told, and so the number is nobody's, or another's. */
  boolean isAsked() {
    return asked;
  }

  @Override
  public boolean again(long answer) {
    result = answer == -Errno.EINTR ? 0 : answer; // asked again it would close another's
    return false;
  }

  @Override
  public Void value() throws IOException {
    if (result < 0) {
      throw FileFailures.of("close", path, result);
    }
    return null;
  }
}
