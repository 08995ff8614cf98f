package dev.headrace.loadgen.load;

import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Offers each request of an open loop to its lane when it is due. What was due while the loop was
 * busy is offered at once and keeps its intended time. Confined to its loop.
 */
final class Pacer implements Runnable {
  /** A tick that is later than this is counted. */
  private static final long LATE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

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
    long now = System.nanoTime();
    if (dueNanos - fromNanos >= 0) {
      ticks++;
      if (now - dueNanos > LATE_NANOS) {
        lateTicks++;
      }
    }
    int first = next;
    long offered = 0;
    while (dueNanos - now <= 0 && dueNanos - toNanos < 0 && !ended) {
      lanes.get(next).offer(dueNanos);
      next = next + 1 == lanes.size() ? 0 : next + 1;
      offered++;
      dueNanos = startNanos + schedule.getAsLong();
    }
    for (long i = Math.min(offered, lanes.size()); i > 0; i--) {
      lanes.get(first).flush();
      first = first + 1 == lanes.size() ? 0 : first + 1;
    }
    if (dueNanos - toNanos >= 0) {
      ended = true;
    }
    if (!ended) {
      loop.schedule(this, Math.max(0, dueNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
  }

  /** Offers nothing any more. */
  void end() {
    ended = true;
  }

  /** How often it ran within the window. */
  long ticks() {
    return ticks;
  }

  /** How often it was more than a millisecond late. */
  long lateTicks() {
    return lateTicks;
  }
}
