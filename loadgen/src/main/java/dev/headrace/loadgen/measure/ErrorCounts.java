package dev.headrace.loadgen.measure;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Errors by kind. Any thread may count and read. */
public final class ErrorCounts {
  /** An answer whose bytes are not those that were sent. */
  public static final String MISMATCH = "mismatch";

  /** An answer that is not of the protocol. */
  public static final String MALFORMED = "malformed";

  /** Bytes that nobody asked for. */
  public static final String EXCESS = "excess";

  /** The target ended the connection, or a request's connection was lost. */
  public static final String CLOSED = "closed";

  /** A read that met the end of the file: it became shorter meanwhile. */
  public static final String SHORT = "short";

  /** A request that had no answer within the workload's time-out. */
  public static final String TIMEOUT = "timeout";

  /** A request that had no answer when the run, and its time of grace, were over. */
  public static final String UNANSWERED = "unanswered";

  /** The kinds that are told of before they happen: those above, and the usual errnos. */
  public static final List<String> KINDS =
      List.of(
          MISMATCH,
          MALFORMED,
          EXCESS,
          CLOSED,
          SHORT,
          TIMEOUT,
          UNANSWERED,
          "EADDRNOTAVAIL",
          "ECONNABORTED",
          "ECONNREFUSED",
          "ECONNRESET",
          "EHOSTUNREACH",
          "EIO",
          "EMFILE",
          "ENETUNREACH",
          "ENOBUFS",
          "ENOENT",
          "ENOSPC",
          "EPIPE",
          "ETIMEDOUT");

  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  /** Counts {@code times} errors of a kind; none when it is zero. */
  public void add(String kind, long times) {
    if (times > 0) {
      counts.computeIfAbsent(kind, unused -> new LongAdder()).add(times);
    }
  }

  /** Forgets all: the warm-up's errors are not the run's. */
  public void clear() {
    counts.clear();
  }

  /** The counts by kind, in the order of the kinds. */
  public Map<String, Long> byKind() {
    Map<String, Long> sorted = new TreeMap<>();
    counts.forEach((kind, count) -> sorted.put(kind, count.sum()));
    return sorted;
  }
}
