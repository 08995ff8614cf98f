package dev.headrace.benchmarks.peers;

import dev.headrace.linux.CpuTime;
import dev.headrace.linux.LinuxException;
import java.io.UncheckedIOException;
import java.util.Locale;

/**
 * Bytes, time and CPU of one connection, counted from when it has settled: TCP's first moments,
 * when its windows grow, are not the program's doing.
 */
final class BulkMeter {
  static final int CHUNK_BYTES = 1024 * 1024;

  private static final long SETTLE_NANOS = (long) (Turns.SETTLE_SECONDS * 1e9);

  private final long lengthNanos;
  private final long pid;
  private final long opened = System.nanoTime();
  private boolean counting;
  private long start;
  private long last;
  private long cpuStart;
  private long bytes;

  private BulkMeter(long lengthNanos, long pid) {
    this.lengthNanos = lengthNanos;
    this.pid = pid;
  }

  /** A writer's: it decides when the turn ends. */
  static BulkMeter ofSeconds(double seconds) {
    return ofSeconds(seconds, ProcessHandle.current().pid());
  }

  /** A writer's, with the CPU of another process in place of its own. */
  static BulkMeter ofSeconds(double seconds, long pid) {
    return new BulkMeter((long) (seconds * 1e9), pid);
  }

  /** A reader's: the turn ends when the writer closes. */
  static BulkMeter untilClosed() {
    return new BulkMeter(Long.MAX_VALUE, ProcessHandle.current().pid());
  }

  /** Counts bytes that just moved; whether the turn goes on. */
  boolean moved(long count) {
    last = System.nanoTime();
    if (counting) {
      bytes += count;
      return last - start < lengthNanos;
    }
    if (last - opened >= SETTLE_NANOS) {
      counting = true;
      start = last;
      cpuStart = cpuNanos();
    }
    return true;
  }

  private long cpuNanos() {
    try {
      return CpuTime.ofProcessNanos(pid);
    } catch (LinuxException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The line that {@link BulkPeers} waits for. */
  String json() {
    long cpu = counting ? cpuNanos() - cpuStart : 0;
    return String.format(
        Locale.ROOT,
        "{\"bytes\":%d,\"seconds\":%.6f,\"cpu_seconds\":%.6f}",
        bytes,
        counting ? (last - start) / 1e9 : 0,
        cpu / 1e9);
  }
}
