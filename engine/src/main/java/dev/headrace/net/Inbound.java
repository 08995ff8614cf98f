package dev.headrace.net;

import dev.headrace.IoFailure;
import dev.headrace.internal.loop.Keeping;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.internal.loop.ReadGate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.locks.LockSupport;

/** What arrived and was not read yet, and who waits to read it. */
final class Inbound extends Direction {
  /** Coarse: each stop and start of reading is a cancelled and a new receive in the ring. */
  private static final int HIGH_BYTES = 256 << 10;

  private static final int LOW_BYTES = 64 << 10;

  private boolean ended;
  private boolean shut;
  private boolean paused;

  Inbound(StreamState state) {
    super(state);
  }

  // ---- the loop's side ----

  void arrived(ByteBuf bytes) {
    Object woken;
    boolean pause;
    state.lock();
    try {
      if (state.closed || ended || !bytes.isReadable()) {
        bytes.release();
        return;
      }
      state.moves++;
      woken = takeWaiter();
      if (Keeping.asCopy(((Loop) state.channel().eventLoop()).pool(), woken != null)) {
        addCopy(bytes, state.context().alloc());
      } else {
        add(bytes);
      }
      pause = !paused && bytes() >= HIGH_BYTES;
      paused |= pause;
    } finally {
      state.unlock();
    }
    if (pause) {
      ReadGate.close(state.channel(), ReadGate.Reason.TASK_SLOW);
    }
    Waiting.wake(woken);
  }

  /** Nothing more arrives. */
  void end() {
    Object woken;
    state.lock();
    try {
      woken = ended();
    } finally {
      state.unlock();
    }
    resume();
    Waiting.wake(woken);
  }

  /** The same under the lock; gives who is to be woken. */
  Object ended() {
    ended = true;
    return takeWaiter();
  }

  /** On the loop: reads again, if there is room or nobody looks at it any more. */
  void resume() {
    state.lock();
    try {
      boolean low = bytes() <= LOW_BYTES || ended || state.closed;
      if (!paused || !low) {
        return;
      }
      paused = false;
    } finally {
      state.unlock();
    }
    ReadGate.open(state.channel(), ReadGate.Reason.TASK_SLOW);
  }

  private void resumeWhenLow() {
    if (paused && bytes() <= LOW_BYTES) {
      state.carrier().flushLater(this::resume);
    }
  }

  // ---- the task's side: a parked task keeps its stack, so who parks has few and small frames ----

  ByteBuf receive() throws IOException {
    LoopThread.refuse("receive");
    for (ByteBuf bytes = nextOrWait(); ; bytes = nextOrWait()) {
      if (bytes != Unpooled.EMPTY_BUFFER) {
        return bytes;
      }
      LockSupport.park();
    }
  }

  /** What comes next, null at the end; empty once the caller is the one who waits for it. */
  private ByteBuf nextOrWait() throws IOException {
    Thread self = Thread.currentThread();
    state.lock();
    try {
      refuseInterrupted(self, "receive");
      ByteBuf bytes = poll();
      if (bytes != null) {
        forget(self);
        resumeWhenLow();
        return bytes;
      }
      if (isAtEnd("receive")) {
        forget(self);
        return null;
      }
      register(self, "reads");
      return Unpooled.EMPTY_BUFFER;
    } finally {
      state.unlock();
    }
  }

  /** Waits until {@link #tryReceive} would give something: bytes, the end or a failure. */
  void readable() throws IOException {
    LoopThread.refuse("readable");
    Thread self = Thread.currentThread();
    for (; ; ) {
      state.lock();
      try {
        refuseInterrupted(self, "readable");
        if (state.closed || shut) {
          return; // still registered: the read that follows tells why
        }
        if (!isEmpty() || ended || state.failure != null) {
          forget(self);
          return;
        }
        register(self, "reads");
      } finally {
        state.unlock();
      }
      LockSupport.park();
    }
  }

  /** What there is; an empty buffer when there is nothing yet, null at the end. */
  ByteBuf tryReceive() throws IOException {
    state.lock();
    try {
      ByteBuf bytes = poll();
      if (bytes != null) {
        resumeWhenLow();
        return bytes;
      }
      return isAtEnd("receive") ? null : Unpooled.EMPTY_BUFFER;
    } finally {
      state.unlock();
    }
  }

  /**
   * Copies what there is into the target.
   *
   * @param consume whether it is read, or only looked at
   * @return how many bytes, 0 when there is nothing yet, -1 at the end
   */
  int tryRead(ByteBuffer target, boolean consume) throws IOException {
    state.lock();
    try {
      if (isEmpty()) {
        return isAtEnd("read") ? -1 : 0;
      }
      int start = target.position();
      if (consume) {
        while (target.hasRemaining() && !isEmpty()) {
          ByteBuf bytes = peek();
          int count = copy(bytes, target);
          bytes.skipBytes(count);
          read(count);
          if (!bytes.isReadable()) {
            poll().release();
          }
        }
        resumeWhenLow();
      } else {
        forEach(bytes -> copy(bytes, target));
      }
      return target.position() - start;
    } finally {
      state.unlock();
    }
  }

  private static int copy(ByteBuf bytes, ByteBuffer target) {
    int count = Math.min(bytes.readableBytes(), target.remaining());
    int end = target.limit();
    bytes.getBytes(bytes.readerIndex(), target.limit(target.position() + count));
    target.limit(end);
    return count;
  }

  /** Completes a future with what comes next, or with null at the end. */
  void receive(Claim<ByteBuf> future) {
    ByteBuf bytes = null;
    Exception failed = null;
    state.lock();
    try {
      if (isEmpty() && !isAtEnd("receive")) {
        register(future, () -> receive(future));
        return;
      }
      if (!future.claim()) {
        return;
      }
      bytes = tryReceive();
    } catch (IOException | IllegalStateException e) {
      failed = e;
    } finally {
      state.unlock();
    }
    settle(future, bytes, failed);
  }

  /** Completes a future with how much of what comes next was copied into the target. */
  void read(Claim<Integer> future, ByteBuffer target) {
    int count = 0;
    Exception failed = null;
    state.lock();
    try {
      if (isEmpty() && !isAtEnd("read")) {
        register(future, () -> read(future, target));
        return;
      }
      if (!future.claim()) {
        return;
      }
      count = tryRead(target, true);
    } catch (IOException | IllegalStateException e) {
      failed = e;
    } finally {
      state.unlock();
    }
    settle(future, count, failed);
  }

  private void register(Claim<?> future, Runnable again) {
    if (!future.isDone()) {
      register(new AsyncWait(future, again), "reads");
    }
  }

  /** Whether reading has come to the end; throws if that is none of the peer's making. */
  private boolean isAtEnd(String operation) throws IOException {
    if (state.closed || shut) {
      throw whyClosed();
    }
    Throwable failure = state.failure;
    if (failure != null && !(failure instanceof ClosedChannelException)) {
      throw IoFailure.of(operation, state.remote(), failure);
    }
    return ended;
  }

  void unread(ByteBuf bytes) {
    Object woken;
    state.lock();
    try {
      if (state.closed || !bytes.isReadable()) {
        bytes.release();
        return;
      }
      addFirst(bytes);
      woken = takeWaiter();
    } finally {
      state.unlock();
    }
    Waiting.wake(woken);
  }

  /** Nobody reads any more; what is sent goes on. */
  void close() {
    Object woken;
    state.lock();
    try {
      if (state.closed || shut) {
        return;
      }
      shut = true;
      woken = waiter();
    } finally {
      state.unlock();
    }
    Waiting.wake(woken);
  }
}
