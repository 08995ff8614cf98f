package dev.headrace.internal.ring;

import dev.headrace.linux.Errno;
import dev.headrace.linux.FileCalls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.uring.IoUringIoOps;
import java.io.IOException;
import java.util.List;

/**
 * A {@link Transfer} to or from several pieces of memory, in their order, as one operation. Each is
 * a {@code struct iovec} (linux/uio.h): address and length, eight bytes each.
 */
public final class VectoredTransfer implements Request<Long> {
  /** As many pieces as the kernel takes at once: {@code UIO_MAXIOV}. */
  public static final int MOST_PIECES = 1024;

  private static final int IOVEC_BYTES = 16;

  private final boolean isWrite;
  private final OpenFile file;
  private final List<Memory> pieces;
  private final ByteBuf iovecs;
  private final long position;
  private final long length;
  private final boolean fills;
  private int first; // the piece that comes next
  private long done;
  private int failure; // minus an errno

  /**
   * A transfer.
   *
   * @param isWrite the direction
   * @param file open in that direction
   * @param pieces 1 to {@link #MOST_PIECES}, the request's to release
   * @param position in the file, at least 0
   */
  public VectoredTransfer(boolean isWrite, OpenFile file, List<Memory> pieces, long position) {
    this(isWrite, file, pieces, position, true);
  }

  private VectoredTransfer(
      boolean isWrite, OpenFile file, List<Memory> pieces, long position, boolean fills) {
    this.isWrite = isWrite;
    this.file = file;
    this.pieces = pieces;
    this.position = position;
    this.fills = fills;
    this.iovecs = Unpooled.directBuffer(pieces.size() * IOVEC_BYTES);
    long sum = 0;
    for (Memory piece : pieces) {
      iovecs.writeLongLE(piece.address()).writeLongLE(piece.length());
      sum += piece.length();
    }
    this.length = sum;
  }

  /** A read of what the kernel gives at once, which need not fill the pieces. */
  public static VectoredTransfer readingSome(OpenFile file, List<Memory> pieces, long position) {
    return new VectoredTransfer(false, file, pieces, position, false);
  }

  /** Whether nobody else uses any of the memory. */
  public boolean ownsMemory() {
    return pieces.stream().allMatch(Memory::isOwned);
  }

  @Override
  public String name() {
    return isWrite ? "write" : "read";
  }

  @Override
  public int opcode() {
    return isWrite ? Sqe.WRITEV : Sqe.READV;
  }

  private long address() {
    return iovecs.memoryAddress() + (long) first * IOVEC_BYTES;
  }

  @Override
  public IoUringIoOps submission(short tag, byte flags) {
    return Sqe.transfer(
        opcode(), flags, file.descriptor(), position + done, address(), pieces.size() - first, tag);
  }

  @Override
  public long call() {
    int fd = file.descriptor();
    int count = pieces.size() - first;
    return isWrite
        ? FileCalls.pwritev2(fd, address(), count, position + done, 0)
        : FileCalls.preadv2(fd, address(), count, position + done, 0);
  }

  @Override
  public boolean again(long result) {
    if (result < 0) {
      failure = (int) result;
      return false;
    }
    done += result;
    boolean endsWithinBlock = file.isDirect() && done % Transfer.LEAST_BLOCK_BYTES != 0;
    if (result == 0 || done == length || endsWithinBlock || !fills) {
      return false;
    }
    skip(result);
    return true;
  }

  /** What is done is left out of what comes next. */
  private void skip(long bytes) {
    long left = bytes;
    for (; ; first++) {
      int at = first * IOVEC_BYTES;
      long pieceLeft = iovecs.getLongLE(at + 8);
      if (left < pieceLeft) {
        iovecs.setLongLE(at, iovecs.getLongLE(at) + left);
        iovecs.setLongLE(at + 8, pieceLeft - left);
        return;
      }
      left -= pieceLeft;
    }
  }

  /**
   * How much was transferred; moves the buffers by it.
   *
   * @return -1 when a read found the end at once
   * @throws IOException when it failed; a read that had read something gives that first
   */
  @Override
  public Long value() throws IOException {
    long left = done;
    for (Memory piece : pieces) {
      int moved = (int) Math.min(left, piece.length());
      piece.moved(moved);
      left -= moved;
    }
    if (failure == 0 || !isWrite && done > 0) {
      return done > 0 || length == 0 || isWrite ? done : -1;
    }
    if (failure == -Errno.ECANCELED) {
      throw new FileFailures.Cancelled((int) Math.min(Integer.MAX_VALUE, done));
    }
    throw FileFailures.of(name(), file.path(), failure);
  }

  @Override
  public boolean isTransfer() {
    return true;
  }

  @Override
  public void release() {
    pieces.forEach(Memory::release);
    iovecs.release();
  }
}
