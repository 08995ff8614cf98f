package dev.headrace.loadgen.measure;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What happened since the last interval, about a second ago.
 *
 * @param elapsedSeconds since the measured window began
 * @param requests answered in it
 * @param errors of it
 * @param p50Seconds null where nothing was answered
 * @param p99Seconds null where nothing was answered
 * @param maxSeconds null where nothing was answered
 * @param bytes of payload answered in it
 * @param errorsByKind of it; absent where there are none
 */
@JsonPropertyOrder({"elapsed_seconds", "requests", "errors", "p50_seconds"})
public record Interval(
    @JsonProperty("elapsed_seconds") double elapsedSeconds,
    @JsonProperty("requests") long requests,
    @JsonProperty("errors") long errors,
    @JsonProperty("p50_seconds") Double p50Seconds,
    @JsonProperty("p99_seconds") Double p99Seconds,
    @JsonProperty("max_seconds") Double maxSeconds,
    @JsonProperty("bytes") long bytes,
    @JsonProperty("errors_by_kind") @JsonInclude(JsonInclude.Include.NON_EMPTY)
        Map<String, Long> errorsByKind) {

  /** Intervals that were kept by an older program have no kinds. */
  public Interval {
    errorsByKind = errorsByKind == null ? Map.of() : errorsByKind;
  }

  static Interval of(
      double elapsedSeconds, Histogram latency, Map<String, Long> errors, long bytes) {
    long requests = latency.getTotalCount();
    boolean any = requests > 0;
    return new Interval(
        elapsedSeconds,
        requests,
        errors.values().stream().mapToLong(Long::longValue).sum(),
        any ? latency.getValueAtPercentile(50) / 1e9 : null,
        any ? latency.getValueAtPercentile(99) / 1e9 : null,
        any ? latency.getMaxValue() / 1e9 : null,
        bytes,
        errors);
  }
}
