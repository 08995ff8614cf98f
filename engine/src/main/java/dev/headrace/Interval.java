package dev.headrace;

import java.time.Duration;

/**
 * Ticks at a fixed rate: the n-th tick is due n periods after the start, however long the work
 * between two ticks takes. One task uses it at a time.
 */
public final class Interval {
  /** What happens when a tick comes late. */
  public enum Missed {
    /** The ticks that were missed follow at once, until it has caught up. */
    BURST,
    /** The next tick is due a whole period after the late one. */
    DELAY,
    /** The ticks that were missed are left out; the next one is due when it always was. */
    SKIP
  }

  /** What time it is, and how to wait. */
  interface Clock {
    Clock SYSTEM =
        new Clock() {
          @Override
          public long nanoTime() {
            return System.nanoTime();
          }

          @Override
          public void sleep(Duration time) throws InterruptedException {
            Task.sleep(time);
          }
        };

    long nanoTime();

    void sleep(Duration time) throws InterruptedException;
  }

  private final long periodNanos;
  private final Missed missed;
  private final Clock clock;
  private long nextNanos;

  Interval(Duration period, Missed missed, Clock clock) {
    if (!period.isPositive()) {
      throw new IllegalArgumentException("period is " + period + ": it must be more than zero");
    }
    this.periodNanos = period.toNanos();
    this.missed = missed;
    this.clock = clock;
    this.nextNanos = clock.nanoTime();
  }

  /**
   * Ticks at once, and then every period; missed ticks follow in a burst.
   *
   * @param period more than zero
   * @return a new interval that starts now
   */
  public static Interval of(Duration period) {
    return of(period, Missed.BURST);
  }

  /**
   * Ticks at once, and then every period.
   *
   * @param period more than zero
   * @param missed what to do about late ticks
   * @return a new interval that starts now
   */
  public static Interval of(Duration period, Missed missed) {
    return new Interval(period, missed, Clock.SYSTEM);
  }

  /**
   * Waits for the next tick.
   *
   * @throws InterruptedException when the task is cancelled; the tick is still to come
   */
  public void tick() throws InterruptedException {
    clock.sleep(Duration.ofNanos(nextNanos - clock.nanoTime()));
    long now = clock.nanoTime();
    nextNanos =
        switch (missed) {
          case BURST -> nextNanos + periodNanos;
          case DELAY -> Math.max(nextNanos, now) + periodNanos;
          case SKIP -> nextNanos + periodNanos * (1 + Math.max(0, (now - nextNanos) / periodNanos));
        };
  }
}
