package dev.headrace.internal.ring;

import dev.headrace.linux.Errno;
import dev.headrace.linux.FileCalls;
import io.netty.channel.uring.IoUringIoOps;
import java.io.IOException;

/**
 * Reads into memory, or writes from it, at a position: all of it, or up to the end of the file.
 * What the kernel did in part is asked again for the rest.
 */
public final class Transfer implements Request<Integer> {
  /** A direct read that ends within a block has met the end of the file, and cannot go on there. */
  public static final int LEAST_BLOCK_BYTES = 512;

  private final boolean isWrite;
  private final OpenFile file;
  private final Memory memory;
  private final long address;
  private final int length;
  private final long position;
  private int done;
  private int failure; // minus an errno

  /**
   * A transfer.
   *
   * @param isWrite the direction
   * @param file open in that direction
   * @param memory the request's to release
   * @param position in the file, at least 0
   */
  public Transfer(boolean isWrite, OpenFile file, Memory memory, long position) {
    this.isWrite = isWrite;
    this.file = file;
    this.memory = memory;
    this.address = memory.address();
    this.length = memory.length();
    this.position = position;
  }

  @Override
  public String name() {
    return isWrite ? "write" : "read";
  }

  @Override
  public int opcode() {
    return isWrite ? Sqe.WRITE : Sqe.READ;
  }

  @Override
  public IoUringIoOps submission(short tag, byte flags) {
    return Sqe.transfer(
        opcode(), flags, file.descriptor(), position + done, address + done, length - done, tag);
  }

  @Override
  public long call() {
    int fd = file.descriptor();
    return isWrite
        ? FileCalls.pwrite(fd, address + done, length - done, position + done)
        : FileCalls.pread(fd, address + done, length - done, position + done);
  }

  @Override
  public boolean again(long result) {
    if (result < 0) {
      failure = (int) result;
      return false;
    }
    done += (int) result;
    return result > 0 && done < length && !(file.isDirect() && done % LEAST_BLOCK_BYTES != 0);
  }

  /**
   * How much was transferred; moves the buffer by it.
   *
   * @return -1 when a read found the end at once
   * @throws IOException when it failed; a read that had read something gives that first
   */
  @Override
  public Integer value() throws IOException {
    memory.moved(done);
    if (failure == 0 || !isWrite && done > 0) {
      return done > 0 || length == 0 || isWrite ? done : -1;
    }
    if (failure == -Errno.ECANCELED) {
      throw new FileFailures.Cancelled(done);
    }
    throw FileFailures.of(name(), file.path(), failure);
  }

  /** How much of it is done, also when the rest failed. */
  int done() {
    return done;
  }

  @Override
  public boolean isTransfer() {
    return true;
  }

  @Override
  public void release() {
    memory.release();
  }
}
