package dev.headrace.net;

import dev.headrace.IoFailure;
import dev.headrace.Transport;
import dev.headrace.internal.lock.ShortLock;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.io.ByteSink;
import dev.headrace.linux.Descriptors;
import dev.headrace.linux.Errno;
import dev.headrace.linux.LinuxException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * The end of a pipe that is written. What {@link ByteSink} says holds. What the kernel has no room
 * for waits here, 64 KiB and one buffer at most, and goes out as the reader reads.
 */
public final class PipeSink implements ByteSink {
  private final ShortLock lock = new ShortLock();
  private static final int PENDING_HIGH_BYTES = 64 << 10;

  private final ReadyDescriptor descriptor;

  // Guarded by the lock.
  private final BufferQueue pending = new BufferQueue();
  private Object writer; // who waits: a thread, an …Async form, or null
  private boolean ended; // nothing more is taken; the descriptor is closed behind what is pending
  private IOException failure;

  PipeSink(ReadyDescriptor descriptor) {
    this.descriptor = descriptor;
    descriptor.onWritable(this::writeOn);
  }

  @Override
  public void send(ByteBuf bytes) throws IOException {
    await("send", () -> pending.bytes() < PENDING_HIGH_BYTES);
    lock.lock();
    try {
      refuse();
      take(bytes);
    } finally {
      lock.unlock();
    }
    descriptor.rest();
  }

  /**
   * Gives a buffer to the sink if there is room, and does not wait.
   *
   * @param bytes whatever it holds
   * @return whether it was taken; if not, or if this throws, it is still the caller's
   * @throws IOException when the sink has failed, or is closed
   */
  public boolean trySend(ByteBuf bytes) throws IOException {
    lock.lock();
    try {
      refuse();
      if (pending.bytes() >= PENDING_HIGH_BYTES) {
        return false;
      }
      take(bytes);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void take(ByteBuf bytes) throws IOException {
    if (!bytes.isReadable()) {
      bytes.release();
      return;
    }
    pending.add(bytes.retain());
    write();
    refuse(); // when that was the write that failed, the buffer is the caller's
    bytes.release();
  }

  /** Writes what the kernel takes now. */
  private void write() {
    lock.lock();
    try {
      try {
        for (ByteBuf first = pending.peek(); first != null; first = pending.peek()) {
          int count = write(first);
          if (count == ReadyDescriptor.WOULD_BLOCK) {
            return;
          }
          if (count < 0) {
            fail(
                IoFailure.withMessage(
                    "send into a pipe: "
                        + Errno.of(-count)
                        + (count == -Errno.EPIPE ? ": nobody reads it any more" : ""),
                    new LinuxException("write", "pipe", Errno.of(-count))));
            return;
          }
          first.skipBytes(count);
          pending.read(count);
          if (!first.isReadable()) {
            pending.poll().release();
          }
        }
      } catch (ClosedChannelException e) {
        fail(e);
      }
    } finally {
      lock.unlock();
    }
  }

  private int write(ByteBuf bytes) throws ClosedChannelException {
    if (bytes.isDirect() && bytes.nioBufferCount() == 1) {
      ByteBuffer source = bytes.nioBuffer();
      return descriptor.tryWrite(fd -> Descriptors.write(fd, source));
    }
    int length = Math.min(bytes.readableBytes(), CHUNK_BYTES);
    ByteBuf copy = ByteBufAllocator.DEFAULT.directBuffer(length);
    try {
      copy.writeBytes(bytes, bytes.readerIndex(), length);
      ByteBuffer source = copy.nioBuffer();
      return descriptor.tryWrite(fd -> Descriptors.write(fd, source));
    } finally {
      copy.release();
    }
  }

  private void fail(IOException cause) {
    failure = cause;
    pending.release();
  }

  /** On the loop: there is room again, or nobody reads any more. */
  private void writeOn() {
    Object woken;
    boolean done;
    lock.lock();
    try {
      write();
      woken = writer;
      done = ended && pending.isEmpty();
    } finally {
      lock.unlock();
    }
    if (done) {
      descriptor.close();
    }
    Waiting.wake(woken);
  }

  private void refuse() throws IOException {
    if (failure instanceof ClosedChannelException || ended) {
      throw writer == null ? new ClosedChannelException() : new AsynchronousCloseException();
    }
    if (failure != null) {
      throw IoFailure.withMessage(failure.getMessage(), failure);
    }
  }

  private interface Condition {
    boolean holds();
  }

  private void await(String operation, Condition condition) throws IOException {
    LoopThread.refuse(operation);
    Thread self = Thread.currentThread();
    for (; ; ) {
      lock.lock();
      try {
        if (writer != null && writer != self) {
          throw new IllegalStateException(
              "another task writes this pipe; one writes at a time: " + writer);
        }
        if (Thread.interrupted()) {
          writer = null;
          throw Waiting.interrupted(operation);
        }
        if (condition.holds() || ended || failure != null) {
          try {
            refuse();
          } finally {
            writer = null;
          }
          return;
        }
        writer = self;
      } finally {
        lock.unlock();
      }
      LockSupport.park();
    }
  }

  /**
   * Waits until {@link #trySend} would take a buffer, or fail.
   *
   * @throws IOException when the sink has failed or is closed, or the calling task is interrupted
   */
  public void writable() throws IOException {
    await("writable", () -> pending.bytes() < PENDING_HIGH_BYTES);
  }

  @Override
  public void flush() throws IOException {
    await("flush", pending::isEmpty);
  }

  /**
   * Gives a buffer to the sink, which owns it from now on, whatever becomes of it.
   *
   * @param bytes whatever it holds
   * @return done when it was taken: when the next one may be sent; cancelling it before then sends
   *     nothing
   */
  public CompletableFuture<Void> sendAsync(ByteBuf bytes) {
    return begin(new Later(() -> pending.bytes() < PENDING_HIGH_BYTES, bytes));
  }

  /**
   * Writes all of it.
   *
   * @param source is read at once: it may be used again when this returns
   * @return how many bytes, when the next ones may be written
   */
  public CompletableFuture<Integer> writeAsync(ByteBuffer source) {
    int length = source.remaining();
    CompletableFuture<Void> sent =
        sendAsync(ByteBufAllocator.DEFAULT.directBuffer(length).writeBytes(source));
    CompletableFuture<Integer> written = sent.thenApply(taken -> length);
    if (!written.isDone()) {
      written.whenComplete((taken, failed) -> sent.cancel(false));
    }
    return written;
  }

  /** Done when all that was written is with the kernel. */
  public CompletableFuture<Void> flushAsync() {
    return begin(new Later(pending::isEmpty, Unpooled.EMPTY_BUFFER));
  }

  private CompletableFuture<Void> begin(Later later) {
    later.run();
    later.whenComplete((nothing, failed) -> later.end());
    return later;
  }

  /** Waits for a condition, and then gives a buffer to the sink. */
  private final class Later extends Claim<Void> implements Runnable {
    private final Condition condition;
    private final ByteBuf bytes;
    private boolean taken; // guarded by the lock

    Later(Condition condition, ByteBuf bytes) {
      this.condition = condition;
      this.bytes = bytes;
    }

    @Override
    boolean claim() {
      lock.lock();
      try {
        return super.claim();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void run() {
      Exception failed = null;
      lock.lock();
      try {
        if (isClaimed()) {
          return;
        }
        if (writer != null && writer != this) {
          throw new IllegalStateException(
              "another task writes this pipe; one writes at a time: " + writer);
        }
        if (!condition.holds() && !ended && failure == null) {
          writer = this;
          return;
        }
        claim();
        try {
          refuse();
          take(bytes);
          taken = true;
        } finally {
          writer = null;
        }
      } catch (IOException | RuntimeException e) {
        claim();
        failed = e;
      } finally {
        lock.unlock();
      }
      if (failed == null) {
        finish(null);
      } else {
        fail(failed);
      }
    }

    /** It is done, by whomever. */
    void end() {
      boolean release;
      lock.lock();
      try {
        if (writer == this) {
          writer = null;
        }
        release = !taken;
      } finally {
        lock.unlock();
      }
      if (release) {
        bytes.release();
      }
    }

    @Override
    public String toString() {
      return "an …Async form whose future is not done";
    }
  }

  /** Ends the pipe behind all that was written: a pipe has one direction, so this closes it. */
  @Override
  public void shutdownOutput() throws IOException {
    lock.lock();
    try {
      if (ended) {
        return;
      }
    } finally {
      lock.unlock();
    }
    flush();
    close();
  }

  /** What it runs on: epoll. */
  public Transport transport() {
    return descriptor.transport();
  }

  @Override
  public boolean isOpen() {
    lock.lock();
    try {
      return !ended && descriptor.isOpen();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Closes this end. What was written goes out in the background, until the reader has it or goes
   * away. A second time does nothing.
   */
  @Override
  public void close() {
    boolean done;
    Object woken;
    lock.lock();
    try {
      if (ended) {
        return;
      }
      ended = true;
      done = pending.isEmpty() || failure != null;
      woken = writer;
    } finally {
      lock.unlock();
    }
    if (done) {
      descriptor.close();
    }
    Waiting.wake(woken);
  }
}
