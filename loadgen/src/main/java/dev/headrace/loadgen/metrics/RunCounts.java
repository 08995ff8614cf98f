package dev.headrace.loadgen.metrics;

import dev.headrace.loadgen.measure.ErrorCounts;
import dev.headrace.loadgen.measure.Measurement;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a generator counted: while it runs, or of a run that is kept.
 *
 * @param counts of the measured window
 * @param open whether the run is an open loop
 */
record RunCounts(Measurement.Counts counts, boolean open) implements Source {
  private static final String WINDOW = " in the measured window: the warm-up is not counted.";

  @Override
  public void addTo(Families families) {
    families.counter("requests", "Requests answered" + WINDOW, counts.latency().getTotalCount());
    errors()
        .forEach(
            (kind, count) ->
                families.counter("errors", "Errors by kind" + WINDOW, count, "kind", kind));
    families.counter("payload_bytes", "Payload bytes of the answers" + WINDOW, counts.bytes());
    families.histogram(
        "latency_seconds",
        "From when a request was sent, in an open loop from when it was due, to its answer"
            + WINDOW,
        counts.latency());
    if (open) {
      families.histogram(
          "service_time_seconds",
          "From when a request was sent to its answer, in an open loop" + WINDOW,
          counts.service());
    }
  }

  /** A rate wants a zero before the first error. */
  private Map<String, Long> errors() {
    Map<String, Long> all = new TreeMap<>(counts.errors());
    ErrorCounts.KINDS.forEach(kind -> all.putIfAbsent(kind, 0L));
    return all;
  }
}
