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
    families.counter(
        "payload_bytes", "Payload bytes of the answers, one way," + WINDOW, counts.bytes());
    families.histogram(
        "latency_seconds",
        (open ? "From when the schedule wanted a request sent" : "From when a request was sent")
            + " to its answer"
            + WINDOW,
        counts.latency());
    if (open) {
      families.histogram(
          "service_time_seconds",
          "From when a request was really sent to its answer" + WINDOW,
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
