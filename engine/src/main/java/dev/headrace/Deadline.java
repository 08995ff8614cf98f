package dev.headrace;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Interrupts one operation when its time is over. Whether it ended first or the time did is decided
 * under the lock, so that no interrupt outlives it.
 */
final class Deadline {
  private enum State {
    RUNNING,
    OVER,
    ENDED
  }

  private final Duration limit;
  private final Thread thread = Thread.currentThread();
  private State state = State.RUNNING; // guarded by this

  Deadline(Duration limit) {
    this.limit = limit;
  }

  <T> T run(Callable<T> operation) throws Exception {
    Future<?> alarm =
        ForkJoinPool.commonPool()
            .schedule(this::ring, Math.max(0, limit.toNanos()), TimeUnit.NANOSECONDS);
    try {
      T value = operation.call();
      end();
      return value;
    } catch (InterruptedException | InterruptedIOException e) {
      if (end()) {
        TimeoutException timeout = new TimeoutException("not done after " + limit);
        timeout.initCause(e);
        throw timeout;
      }
      throw e;
    } finally {
      end();
      alarm.cancel(false);
    }
  }

  private synchronized void ring() {
    if (state == State.RUNNING) {
      state = State.OVER;
      thread.interrupt();
    }
  }

  /** Ends it. Whether the alarm had rung; the interrupt, where it hit nothing, is taken back. */
  private synchronized boolean end() {
    boolean rang = state == State.OVER;
    state = State.ENDED;
    if (rang) {
      Thread.interrupted();
    }
    return rang;
  }
}
