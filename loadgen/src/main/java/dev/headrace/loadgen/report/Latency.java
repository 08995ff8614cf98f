package dev.headrace.loadgen.report;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.HdrHistogram.Histogram;

/** Percentiles in seconds; {@code kind} says what they run from: the intended time, or the send. */
public record Latency(
    @JsonProperty("kind") String kind,
    @JsonProperty("min_seconds") double min,
    @JsonProperty("mean_seconds") double mean,
    @JsonProperty("p50_seconds") double p50,
    @JsonProperty("p90_seconds") double p90,
    @JsonProperty("p99_seconds") double p99,
    @JsonProperty("p99_9_seconds") double p999,
    @JsonProperty("p99_99_seconds") double p9999,
    @JsonProperty("max_seconds") double max) {

  /** From when a request was due. */
  public static final String INTENDED = "intended";

  /** From when it was sent. */
  public static final String SERVICE = "service";

  /** The percentiles of a histogram of nanoseconds; null where it is empty. */
  public static Latency of(String kind, Histogram nanos) {
    if (nanos.getTotalCount() == 0) {
      return null;
    }
    return new Latency(
        kind,
        nanos.getMinValue() / 1e9,
        nanos.getMean() / 1e9,
        at(nanos, 50),
        at(nanos, 90),
        at(nanos, 99),
        at(nanos, 99.9),
        at(nanos, 99.99),
        nanos.getMaxValue() / 1e9);
  }

  private static double at(Histogram nanos, double percentile) {
    return nanos.getValueAtPercentile(percentile) / 1e9;
  }
}
