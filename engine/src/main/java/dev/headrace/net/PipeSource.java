package dev.headrace.net;

import dev.headrace.IoFailure;
import dev.headrace.Transport;
import dev.headrace.internal.lock.ShortLock;
import dev.headrace.io.ByteSource;
import dev.headrace.linux.Descriptors;
import dev.headrace.linux.Errno;
import dev.headrace.linux.LinuxException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * The end of a pipe that is read. What {@link ByteSource} says holds. Nothing is read before it is
 * asked for: what nobody takes stays in the kernel, and its writer waits.
 */
public final class PipeSource implements ByteSource {
  private static final int CHUNK_BYTES = 16 << 10;

  private final ReadyDescriptor descriptor;
  private final ShortLock lock; // the descriptor's

  /** What was read and put back; guarded by the lock. */
  private final BufferQueue front = new BufferQueue();

  private boolean ended; // guarded by the lock

  PipeSource(ReadyDescriptor descriptor) {
    this.descriptor = descriptor;
    lock = descriptor.lock();
    descriptor.onEnd(this::release);
  }

  @Override
  public ByteBuf receive() throws IOException {
    for (; ; ) {
      readable("receive");
      ByteBuf bytes = tryReceive();
      if (bytes == null || bytes.isReadable()) {
        return bytes;
      }
    }
  }

  /**
   * Takes what there is, and does not wait.
   *
   * @return a buffer, the caller's to release; an empty one when there is nothing yet; null at the
   *     end
   * @throws IOException when the pipe has failed or is closed
   */
  public ByteBuf tryReceive() throws IOException {
    lock.lock();
    try {
      ByteBuf first = front.poll();
      if (first != null || ended) {
        return first;
      }
    } finally {
      lock.unlock();
    }
    ByteBuf chunk = ByteBufAllocator.DEFAULT.directBuffer(CHUNK_BYTES);
    int count;
    try {
      ByteBuffer target = chunk.internalNioBuffer(0, CHUNK_BYTES);
      count = descriptor.tryRead(fd -> endOrNothing(Descriptors.read(fd, target)));
    } catch (Throwable e) {
      chunk.release();
      throw e;
    }
    if (count > 0) {
      return chunk.writerIndex(count);
    }
    chunk.release();
    if (count == ReadyDescriptor.WOULD_BLOCK) {
      return Unpooled.EMPTY_BUFFER;
    }
    if (count == 0) {
      lock.lock();
      try {
        ended = true;
      } finally {
        lock.unlock();
      }
      return null;
    }
    throw IoFailure.withMessage(
        "receive from a pipe: " + Errno.of(-count),
        new LinuxException("read", "pipe", Errno.of(-count)));
  }

  /** A named pipe that no writer has opened yet reads like one that the last one has left. */
  private int endOrNothing(int count) {
    return count == 0 && !descriptor.isHungUp() ? ReadyDescriptor.WOULD_BLOCK : count;
  }

  /**
   * Waits until {@link #tryReceive} would give bytes, the end or an error.
   *
   * @throws java.io.InterruptedIOException when the calling task is interrupted
   */
  public void readable() throws IOException {
    readable("readable");
  }

  private void readable(String operation) throws IOException {
    descriptor.awaitReadable(operation, () -> !front.isEmpty() || ended);
  }

  /** What comes next, the receiver's to release; null at the end. Cancelling loses nothing. */
  public CompletableFuture<ByteBuf> receiveAsync() {
    return descriptor.readAsync(this::tryReceive, Unpooled.EMPTY_BUFFER);
  }

  @Override
  public void unread(ByteBuf bytes) {
    boolean kept;
    lock.lock();
    try {
      kept = bytes.isReadable() && descriptor.isOpen();
      if (kept) {
        front.addFirst(bytes);
      }
    } finally {
      lock.unlock();
    }
    if (kept) {
      descriptor.wakeReader();
    } else {
      bytes.release();
    }
  }

  /** What it runs on: epoll. */
  public Transport transport() {
    return descriptor.transport();
  }

  @Override
  public boolean isOpen() {
    return descriptor.isOpen();
  }

  /** Closes this end: whoever writes on gets EPIPE. A second time does nothing. */
  @Override
  public void close() {
    descriptor.close();
    release();
  }

  private void release() {
    lock.lock();
    try {
      ended = false;
      front.release();
    } finally {
      lock.unlock();
    }
  }
}
