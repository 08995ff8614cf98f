package dev.headrace.net;

import dev.headrace.IoFailure;
import dev.headrace.Transport;
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

  /** What was read and put back; guarded by itself. */
  private final BufferQueue front = new BufferQueue();

  private boolean ended; // guarded by front

  PipeSource(ReadyDescriptor descriptor) {
    this.descriptor = descriptor;
  }

  @Override
  public ByteBuf receive() throws IOException {
    for (; ; ) {
      ByteBuf bytes = tryReceive();
      if (bytes == null || bytes.isReadable()) {
        Waiting.refuseInterrupted("receive", bytes, this::unread);
        return bytes;
      }
      descriptor.awaitReadable("receive");
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
    synchronized (front) {
      ByteBuf first = front.poll();
      if (first != null || ended) {
        return first;
      }
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
      synchronized (front) {
        ended = true;
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
    synchronized (front) {
      if (!front.isEmpty() || ended) {
        return;
      }
    }
    descriptor.awaitReadable("readable");
  }

  /** What comes next, the receiver's to release; null at the end. Cancelling loses nothing. */
  public CompletableFuture<ByteBuf> receiveAsync() {
    return descriptor
        .readAsync(
            () -> {
              ByteBuf bytes = tryReceive();
              return bytes == null ? new Next(null) : bytes.isReadable() ? new Next(bytes) : null;
            },
            next -> {
              if (next.bytes() != null) {
                unread(next.bytes());
              }
            })
        .thenApply(Next::bytes);
  }

  /** Bytes, or the end. */
  private record Next(ByteBuf bytes) {}

  @Override
  public void unread(ByteBuf bytes) {
    synchronized (front) {
      if (bytes.isReadable() && descriptor.isOpen()) {
        front.addFirst(bytes);
        return;
      }
    }
    bytes.release();
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
    synchronized (front) {
      ended = false;
      front.release();
    }
  }
}
