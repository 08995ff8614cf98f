package dev.headrace.net;

import java.io.InterruptedIOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;

/**
 * One direction of a stream: the buffers on their way, and who waits for them to move. It is the
 * queue, rather than has one: an idle stream is two objects less. Guarded by the stream's state.
 */
abstract sealed class Direction extends BufferQueue permits Inbound, Outbound {
  final StreamState state;

  /** Who waits: a thread, an {@link AsyncWait}, or null. */
  private Object waiter;

  Direction(StreamState state) {
    this.state = state;
  }

  /** Under the lock: one waits at a time. */
  final void register(Object who, String does) {
    if (waiter != null && waiter != who) {
      throw new IllegalStateException(
          "another task %1$s this stream; one %1$s at a time: %2$s".formatted(does, waiter));
    }
    waiter = who;
  }

  /** Under the lock. */
  final void forget(Object who) {
    if (waiter == who) {
      waiter = null;
    }
  }

  /** Under the lock: who is to be woken. */
  final Object waiter() {
    return waiter;
  }

  /** The same, and waits no more. After the close it stays: who waited through it is told so. */
  final Object takeWaiter() {
    Object waiting = waiter;
    waiter = state.closed ? waiter : null;
    return waiting;
  }

  /** Under the lock. */
  final void refuseInterrupted(Thread self, String operation) throws InterruptedIOException {
    if (Thread.interrupted()) {
      forget(self);
      throw Waiting.interrupted(operation);
    }
  }

  /** Under the lock: what to tell the caller once it is closed. */
  final ClosedChannelException whyClosed() {
    boolean waited = waiter == Thread.currentThread() || waiter instanceof AsyncWait;
    waiter = null;
    return waited ? new AsynchronousCloseException() : new ClosedChannelException();
  }

  /** Somebody else completed a future that waits here, most likely cancelled it. */
  final void giveUp(CompletableFuture<?> future) {
    Object given = null;
    state.lock();
    try {
      if (waiter instanceof AsyncWait wait && wait.future() == future) {
        given = takeWaiter();
      }
    } finally {
      state.unlock();
    }
    Waiting.wake(given);
  }

  /** Not under the lock: what depends on the future runs here. */
  static <T> void settle(Claim<T> future, T value, Exception failed) {
    if (failed == null) {
      future.finish(value);
    } else {
      future.claim();
      future.fail(failed); // does nothing if somebody else was first
    }
  }

  /**
   * A future waits for the stream. Woken, it tries again.
   *
   * @param future which
   * @param again finds out that the future is done, too
   */
  record AsyncWait(CompletableFuture<?> future, Runnable again) implements Runnable {
    @Override
    public void run() {
      again.run();
    }

    @Override
    public String toString() {
      return "an …Async form whose future is not done";
    }
  }
}
