package dev.headrace.loadgen.load;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Offers each request of an open loop to its lane when it is due. What was due while the loop was
 * busy is offered at once and keeps its intended time. Confined to its loop.
 *
 * <p>A timer of the loop wakes it; and since a loop full of completions runs its timers late, each
 * batch of answers asks too, which costs a comparison.
 */
final class Pacer implements Runnable {
  /** A tick that is later than this is counted. */
  private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** Timers are no nearer than this: above 40,000 requests a second answers pace better. */
  private static final long LEAST_TIMER_NANOS = TimeUnit.MICROSECONDS.toNanos(25);

  private final EventLoop loop;
  private final List<Lane> lanes;
  private final LongSupplier schedule;
  private final long startNanos;
  private final long fromNanos;
  private final long toNanos;
  private long dueNanos;
  private int next;
  private long ticks;
  private long lateTicks;
  private boolean measuring;
  private boolean ended;

  Pacer(
      EventLoop loop,
      List<Lane> lanes,
      LongSupplier schedule,
      long startNanos,
      long fromNanos,
      long toNanos) {
    this.loop = loop;
    this.lanes = lanes;
    this.schedule = schedule;
    this.startNanos = startNanos;
    this.fromNanos = fromNanos;
    this.toNanos = toNanos;
    this.dueNanos = startNanos + schedule.getAsLong();
  }

  @Override
  public void run() {
    offerDue(System.nanoTime());
    if (!ended) {
      long delay = Math.max(LEAST_TIMER_NANOS, dueNanos - System.nanoTime());
      loop.schedule(this, delay, TimeUnit.NANOSECONDS);
    }
  }

  /** Offers what is due by now, if anything is. */
  void offerDue(long now) {
    if (dueNanos - now > 0 || ended) {
      return;
    }
    if (dueNanos - toNanos >= 0) {
      ended = true;
      return;
    }
    if (dueNanos - fromNanos >= 0) {
      countTick(now);
    }
    int first = next;
    long offered = 0;
    while (dueNanos - now <= 0 && dueNanos - toNanos < 0) {
      if (!measuring && dueNanos - fromNanos >= 0) {
        measuring = true; // between two requests, so that none of the window's is forgotten
        lanes.forEach(Lane::forgetWaiting);
      }
      lanes.get(next).offer(dueNanos);
      next = after(next);
      offered++;
      dueNanos = startNanos + schedule.getAsLong();
    }
    for (long i = Math.min(offered, lanes.size()); i > 0; i--) {
      lanes.get(first).flush();
      first = after(first);
    }
  }

  private void countTick(long now) {
    ticks++;
    if (now - dueNanos > LATE_NANOS) {
      lateTicks++;
    }
  }

  private int after(int lane) {
    return lane + 1 == lanes.size() ? 0 : lane + 1;
  }

  /** Offers what was due within the window, and nothing any more: a late loop still owes it. */
  void end() {
    offerDue(System.nanoTime());
    ended = true;
  }

  /** How often something was due within the window. */
  long ticks() {
    return ticks;
  }

  /** How often it was more than a millisecond late. */
  long lateTicks() {
    return lateTicks;
  }
}
