package dev.headrace;

import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopThread;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Interrupts one operation when its time is over. Whether it ended first or the time did is decided
 * under the lock, so that no interrupt outlives it.
 *
 * <p>An interrupt does not say whose it is, and two of them may become one. So whoever else may
 * interrupt leaves a trace: the deadlines around this one, the task's cancellation, the engine's
 * end. Where there is such a trace the interrupt goes on to its caller.
 */
final class Deadline {
  private static final ScopedValue<Deadline> CURRENT = ScopedValue.newInstance();
  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE / 4);

  private enum State {
    RUNNING,
    OVER,
    ENDED
  }

  private final Duration limit;
  private final Thread thread = Thread.currentThread();
  private final Deadline outer = CURRENT.isBound() ? CURRENT.get() : null;
  private final Task<?> task = Task.current();
  private final Loop loop = LoopThread.current();
  private final int interruptsBefore = interrupts();

  // Guarded by this.
  private State state = State.RUNNING;
  private boolean interruptedBefore = thread.isInterrupted();

  Deadline(Duration limit) {
    this.limit = limit;
  }

  <T> T run(Callable<T> operation) throws Exception {
    long nanos =
        limit.isNegative() ? 0 : limit.compareTo(LONGEST) < 0 ? limit.toNanos() : LONGEST.toNanos();
    Future<?> alarm = ForkJoinPool.commonPool().schedule(this::ring, nanos, TimeUnit.NANOSECONDS);
    try {
      T value = ScopedValue.where(CURRENT, this).call(operation::call);
      endAndPassOn();
      return value;
    } catch (Throwable e) {
      if (!Task.isInterrupt(e)) {
        endAndPassOn();
        throw e;
      }
      if (!end() || isInterruptedByOthers()) {
        throw e;
      }
      TimeoutException timeout = new TimeoutException("not done after " + limit);
      timeout.initCause(e);
      throw timeout;
    } finally {
      alarm.cancel(false);
    }
  }

  private synchronized void ring() {
    if (state == State.RUNNING) {
      state = State.OVER;
      interruptedBefore |= thread.isInterrupted();
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

  private void endAndPassOn() {
    if (end() && isInterruptedByOthers()) {
      thread.interrupt();
    }
  }

  private boolean isInterruptedByOthers() {
    synchronized (this) {
      if (interruptedBefore) {
        return true;
      }
    }
    return interrupts() != interruptsBefore || outer != null && outer.isOver();
  }

  /** A thread that is no task's, such as that of a served connection, is interrupted at the end. */
  private int interrupts() {
    if (task != null) {
      return task.interrupts();
    }
    return loop != null && loop.carrier().isClosed() ? 1 : 0;
  }

  private boolean isOver() {
    synchronized (this) {
      if (state == State.OVER) {
        return true;
      }
    }
    return outer != null && outer.isOver();
  }
}
