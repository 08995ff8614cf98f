package dev.headrace.net;

import dev.headrace.IoFailure;
import dev.headrace.buffer.BufferPool;
import dev.headrace.internal.loop.Cut;
import dev.headrace.internal.loop.Keeping;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.io.ByteSink;
import dev.headrace.linux.Errno;
import dev.headrace.linux.LinuxException;
import dev.headrace.linux.SocketSend;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.UnixChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * What was written and not given to the channel yet, and who waits to write more. It runs at the
 * end of the drain in which something was written.
 */
final class Outbound extends Direction implements Runnable {
  /** How much may wait for the flush at the end of the drain. */
  private static final int HIGH_BYTES = 64 << 10;

  /** What is longer goes in pieces: who looks after the stream sees that it moves. */
  private static final int PIECE_BYTES = 256 << 10;

  private boolean ended;
  private boolean flushScheduled;
  private boolean dropped;
  private CompletableFuture<Void> shutting;

  Outbound(StreamState state) {
    super(state);
  }

  // ---- the task's side: a parked task is on its stack, so it has no frame to spare ----

  void send(ByteBuf bytes) throws IOException {
    LoopThread.refuse("send");
    Thread self = Thread.currentThread();
    for (; ; ) {
      state.lock();
      try {
        refuseInterrupted(self, "send");
        checkOpen();
        if (hasRoom()) {
          forget(self);
          take(bytes);
          return;
        }
        register(self, "writes");
      } finally {
        state.unlock();
      }
      LockSupport.park();
    }
  }

  /** Waits until {@link #trySend} would take something, or fail. */
  void writable() throws IOException {
    LoopThread.refuse("writable");
    Thread self = Thread.currentThread();
    for (; ; ) {
      state.lock();
      try {
        refuseInterrupted(self, "writable");
        if (state.closed) {
          return; // still registered: the write that follows tells why
        }
        if (hasRoom() || ended || state.failure != null) {
          forget(self);
          return;
        }
        register(self, "writes");
      } finally {
        state.unlock();
      }
      LockSupport.park();
    }
  }

  /** Whether it was taken. */
  boolean trySend(ByteBuf bytes) throws IOException {
    state.lock();
    try {
      checkOpen();
      if (!hasRoom()) {
        return false;
      }
      take(bytes);
      return true;
    } finally {
      state.unlock();
    }
  }

  /** Sends a buffer, the stream's own from now on, when there is room, and completes a future. */
  void send(ByteBuf bytes, Claim<Void> future) {
    boolean taken = false;
    Exception failed = null;
    state.lock();
    try {
      checkOpen();
      if (!hasRoom() && !future.isDone()) {
        register(new AsyncWait(future, () -> send(bytes, future)), "writes");
        return;
      }
      taken = future.claim();
      if (taken) {
        take(bytes);
      }
    } catch (IOException | IllegalStateException e) {
      failed = e;
    } finally {
      state.unlock();
    }
    if (!taken) {
      bytes.release();
    }
    if (taken || failed != null) {
      settle(future, null, failed);
    }
  }

  /** Copies what there is room for; 0 when there is none. */
  int tryWrite(ByteBuffer source) throws IOException {
    state.lock();
    try {
      checkOpen();
      int start = source.position();
      while (source.hasRemaining() && hasRoom()) {
        ByteBuf room = room();
        if (room == null) {
          room = chunk(source.remaining());
          addOpen(room);
        }
        int count = Math.min(room.writableBytes(), source.remaining());
        room.writeBytes(source.slice(source.position(), count));
        source.position(source.position() + count);
        appended(count);
      }
      if (source.position() != start) {
        scheduleFlush();
      }
      return source.position() - start;
    } finally {
      state.unlock();
    }
  }

  private ByteBuf chunk(int neededBytes) {
    BufferPool pool = LoopThread.currentPool();
    ByteBuf chunk = pool == null || pool.isTight() ? null : pool.tryTakeAllocated();
    return chunk != null
        ? chunk
        : state.context().alloc().directBuffer(Math.clamp(neededBytes, 256, ByteSink.CHUNK_BYTES));
  }

  /** Whether {@link #sendNow} can do anything for the caller. */
  boolean canSendNow() {
    return state.channel() instanceof UnixChannel && state.carrier().isCurrent();
  }

  /**
   * Sends straight from the task's memory, while nothing waits to be sent: a large write is not
   * copied. The kernel takes what it has room for, and the task keeps the rest.
   *
   * @return how many bytes were sent; 0 when there is no room, or something waits
   */
  int sendNow(ByteBuffer source) throws IOException {
    state.lock();
    try {
      checkOpen();
      if (!isEmpty() || !isChannelIdle()) {
        return 0;
      }
      int sent = SocketSend.now(descriptor(), source);
      if (sent > 0) {
        state.moves++;
      }
      return sent;
    } catch (LinuxException e) {
      throw IoFailure.of("send", state.remote(), e);
    } finally {
      state.unlock();
    }
  }

  /**
   * Sends what waits here and has not come to the channel, straight from the task, together with
   * what follows at once.
   *
   * @return whether nothing waits any more
   */
  boolean sendQueuedNow() throws IOException {
    state.lock();
    try {
      checkOpen();
      if (!isChannelIdle()) {
        return false;
      }
      while (!isEmpty()) {
        ByteBuf next = poll();
        boolean sent = false;
        try {
          if (next.isDirect() && next.nioBufferCount() == 1) {
            ByteBuffer bytes = next.nioBuffer();
            next.skipBytes(SocketSend.nowWithMore(descriptor(), bytes));
          }
          sent = !next.isReadable();
        } finally {
          if (sent) {
            next.release();
          } else {
            addFirst(next);
          }
        }
        if (!sent) {
          return false;
        }
        state.moves++;
      }
      return true;
    } catch (LinuxException e) {
      throw IoFailure.of("send", state.remote(), e);
    } finally {
      state.unlock();
    }
  }

  /**
   * Sends from a file, straight from the task, while nothing waits to be sent.
   *
   * @return how many bytes; 0 at the end of the file, {@code -EAGAIN} when there is no room, or
   *     something waits; minus another errno where the file is the reason, which reading it tells
   */
  long sendFileNow(int file, long offset, long length) throws IOException {
    state.lock();
    try {
      checkOpen();
      if (!isEmpty() || !isChannelIdle()) {
        return -Errno.EAGAIN;
      }
      long sent = SocketSend.file(descriptor(), file, offset, length);
      if (sent > 0) {
        state.moves++;
      } else if (isOfSocket(sent)) {
        throw IoFailure.of(
            "send",
            state.remote(),
            new LinuxException("sendfile", "a socket", Errno.of((int) -sent)));
      }
      return sent;
    } finally {
      state.unlock();
    }
  }

  private static boolean isOfSocket(long result) {
    return result == -Errno.EPIPE
        || result == -Errno.ECONNRESET
        || result == -Errno.ENOTCONN
        || result == -Errno.ETIMEDOUT
        || result == -Errno.EHOSTUNREACH
        || result == -Errno.ENETUNREACH;
  }

  /** Whether the kernel can be given bytes past the channel. */
  private boolean isChannelIdle() {
    if (!canSendNow()) {
      return false;
    }
    ChannelOutboundBuffer pending = ((UnixChannel) state.channel()).unsafe().outboundBuffer();
    return pending != null && pending.totalPendingWriteBytes() == 0;
  }

  private int descriptor() {
    return ((UnixChannel) state.channel()).fd().intValue();
  }

  private void take(ByteBuf bytes) {
    add(bytes);
    scheduleFlush();
  }

  private void scheduleFlush() {
    if (!flushScheduled) {
      flushScheduled = true;
      state.carrier().flushLater(this);
    }
  }

  private boolean hasRoom() {
    return bytes() < HIGH_BYTES && state.channel().isWritable();
  }

  private void checkOpen() throws IOException {
    if (state.closed) {
      throw whyClosed();
    }
    Throwable failure = state.failure;
    if (failure != null && !(failure instanceof ClosedChannelException)) {
      throw IoFailure.of("send", state.remote(), failure);
    }
    if (failure != null || ended) {
      throw new ClosedChannelException();
    }
  }

  // ---- the loop's side ----

  /** Hands to the channel what was written since the last time, and to the kernel. */
  @Override
  public void run() {
    ChannelHandlerContext context = state.context();
    for (ByteBuf bytes = next(); bytes != null; bytes = next()) {
      while (bytes.readableBytes() > PIECE_BYTES) {
        context.write(bytes.readRetainedSlice(PIECE_BYTES), context.voidPromise());
      }
      context.write(Keeping.forWriting(context.channel(), bytes), context.voidPromise());
    }
    context.flush();
    wakeWhenRoom();
  }

  private ByteBuf next() {
    state.lock();
    try {
      ByteBuf bytes = poll();
      flushScheduled = bytes != null;
      if (bytes != null) {
        state.moves++;
      }
      return bytes;
    } finally {
      state.unlock();
    }
  }

  void wakeWhenRoom() {
    Object woken;
    state.lock();
    try {
      woken = hasRoom() ? takeWaiter() : null;
    } finally {
      state.unlock();
    }
    Waiting.wake(woken);
  }

  // ---- its end ----

  /** Under the lock: the connection is gone. Gives who is to be woken. */
  Object cut() {
    if (state.failure == null && !ended) {
      state.failure = new ClosedChannelException();
    }
    ended = true;
    dropped = !isEmpty();
    release();
    return takeWaiter();
  }

  /** Done when all that was sent is with the kernel. */
  CompletableFuture<Void> flush() {
    CompletableFuture<Void> flushed = new CompletableFuture<>();
    Runnable flush =
        () -> {
          run();
          state
              .context()
              .writeAndFlush(Unpooled.EMPTY_BUFFER)
              .addListener(done -> settle(flushed, done));
        };
    if (!state.carrier().flushLater(flush)) {
      flushed.completeExceptionally(new ClosedChannelException());
    }
    return flushed;
  }

  /** Ends behind all that was sent. */
  CompletableFuture<Void> shutdown() {
    CompletableFuture<Void> shut = new CompletableFuture<>();
    Object woken;
    state.lock();
    try {
      Throwable failure = state.failure;
      if (dropped || failure != null && !(failure instanceof ClosedChannelException)) {
        return CompletableFuture.failedFuture(IoFailure.of("send", state.remote(), failure));
      }
      if (shutting != null) {
        return shutting;
      }
      shutting = shut;
      if (ended || state.closed) {
        shut.complete(null);
        return shut;
      }
      ended = true;
      woken = takeWaiter();
    } finally {
      state.unlock();
    }
    Waiting.wake(woken);
    flush()
        .whenComplete(
            (flushed, failed) -> {
              if (failed != null) {
                shut.completeExceptionally(failed);
              } else if (Cut.isDue(state.channel())) {
                // An interrupted task closes what it has: that is no end of what it had to say.
                state.carrier().flushLater(() -> Cut.reset(state.channel()));
                shut.completeExceptionally(
                    IoFailure.of("send", state.remote(), new ClosedChannelException()));
              } else {
                ((DuplexChannel) state.channel())
                    .shutdownOutput()
                    .addListener(done -> settle(shut, done));
              }
            });
    return shut;
  }

  private void settle(CompletableFuture<Void> future, Future<?> done) {
    if (done.isSuccess()) {
      future.complete(null);
    } else {
      Throwable cause;
      state.lock();
      try {
        cause = state.failure != null ? state.failure : done.cause();
      } finally {
        state.unlock();
      }
      future.completeExceptionally(IoFailure.of("send", state.remote(), cause));
    }
  }
}
