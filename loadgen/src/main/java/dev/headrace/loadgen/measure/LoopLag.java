package dev.headrace.loadgen.measure;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * How late the generator's own loops are: a task is handed to each every 20 ms, and the time until
 * it runs is what an answer may have waited unseen. At most one task a loop is under way.
 */
public final class LoopLag implements AutoCloseable {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final List<Probe> probes = new ArrayList<>();
  private final Histogram all = new Histogram(1, LoopRecorder.MAX_NANOS, LoopRecorder.DIGITS);
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("headrace-loop-lag").factory());

  /** Starts measuring. */
  public LoopLag(List<EventLoop> loops) {
    loops.forEach(loop -> probes.add(new Probe(loop)));
    timer.scheduleAtFixedRate(
        () -> probes.forEach(Probe::submit), EVERY_NANOS, EVERY_NANOS, TimeUnit.NANOSECONDS);
  }

  /**
   * The 99th percentile over all loops so far, in nanoseconds; 0 where nothing was measured. Any
   * thread.
   */
  public synchronized long p99Nanos() {
    probes.forEach(probe -> probe.lag.getIntervalHistogramInto(probe.taken));
    probes.forEach(probe -> all.add(probe.taken));
    return all.getTotalCount() == 0 ? 0 : all.getValueAtPercentile(99);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private static final class Probe implements Runnable {
    private final EventLoop loop;
    private final SingleWriterRecorder lag =
        new SingleWriterRecorder(1, LoopRecorder.MAX_NANOS, LoopRecorder.DIGITS);
    private final Histogram taken = new Histogram(1, LoopRecorder.MAX_NANOS, LoopRecorder.DIGITS);
    private volatile long submittedNanos;
    private volatile boolean underWay;

    Probe(EventLoop loop) {
      this.loop = loop;
    }

    void submit() {
      if (!underWay && !loop.isShuttingDown()) {
        underWay = true;
        submittedNanos = System.nanoTime();
        loop.execute(this);
      }
    }

    @Override
    public void run() {
      long lateNanos = Math.clamp(System.nanoTime() - submittedNanos, 1, LoopRecorder.MAX_NANOS);
      // The probes that a long stall kept from being sent would have waited too.
      lag.recordValueWithExpectedInterval(lateNanos, EVERY_NANOS);
      underWay = false;
    }
  }
}
