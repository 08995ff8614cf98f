package dev.headrace.loadgen.measure;

import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * The latencies and payload bytes of the answers that one loop sees. Confined to that loop, but for
 * taking the interval histograms, which one other thread may do at any time, and the sum of the
 * bytes. Only what falls into the measured window is recorded.
 */
public final class LoopRecorder {
  /** Longer than this is recorded as this. */
  public static final long MAX_NANOS = 3_600_000_000_000L;

  /** Three digits: a value is off by a thousandth at most. */
  public static final int DIGITS = 3;

  private final SingleWriterRecorder latency = new SingleWriterRecorder(1, MAX_NANOS, DIGITS);
  private final SingleWriterRecorder service;
  private final AtomicLong bytes = new AtomicLong();
  private long fromNanos = Long.MAX_VALUE;
  private long toNanos = Long.MAX_VALUE;
  private long lastNanos = Long.MIN_VALUE;

  /**
   * Makes a recorder that records nothing until {@link #window}.
   *
   * @param open whether the loop is open, and the service time is recorded beside the latency
   */
  public LoopRecorder(boolean open) {
    service = open ? new SingleWriterRecorder(1, MAX_NANOS, DIGITS) : null;
  }

  /** Sets what is measured, in {@link System#nanoTime()}: from the one, until before the other. */
  public void window(long fromNanos, long toNanos) {
    this.fromNanos = fromNanos;
    this.toNanos = toNanos;
  }

  /** Whether a moment is measured. */
  public boolean measures(long nanos) {
    return nanos - fromNanos >= 0 && nanos - toNanos < 0;
  }

  /** A closed loop's request: it counts where it was answered within the window. */
  public void closed(long sentNanos, long answeredNanos, long answerBytes) {
    if (measures(answeredNanos)) {
      add(answerBytes);
      latency.recordValue(clamped(answeredNanos - sentNanos));
    }
  }

  /**
   * An open loop's request: it counts where it was <em>due</em> within the window, so that a stall
   * at the end of the window cannot push its victims out of the result.
   */
  public void open(long intendedNanos, long sentNanos, long answeredNanos, long answerBytes) {
    if (measures(intendedNanos)) {
      add(answerBytes);
      latency.recordValue(clamped(answeredNanos - intendedNanos));
      service.recordValue(clamped(answeredNanos - sentNanos));
      lastNanos = answeredNanos;
    }
  }

  /** When an open loop's last request was answered; the least long where none was. */
  public long lastNanos() {
    return lastNanos;
  }

  private void add(long answerBytes) {
    bytes.setRelease(bytes.getPlain() + answerBytes); // one writer: no locked instruction
  }

  /** The payload bytes of all answers so far; any thread. */
  public long bytes() {
    return bytes.getAcquire();
  }

  private static long clamped(long nanos) {
    return Math.clamp(nanos, 1, MAX_NANOS);
  }

  /** Adds what was recorded since the last call; by one thread, not the loop's. */
  public Histogram takeLatency(Histogram recycled) {
    return latency.getIntervalHistogram(recycled);
  }

  /** The same for service times; null in a closed loop. */
  public Histogram takeService(Histogram recycled) {
    return service == null ? null : service.getIntervalHistogram(recycled);
  }
}
