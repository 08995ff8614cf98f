package dev.headrace.loadgen.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.headrace.loadgen.PairedRatio;
import dev.headrace.loadgen.report.Host;
import java.util.List;

/** What {@code bench --json} prints. Units are in the names, base units throughout. */
public record BenchReport(
    @JsonProperty("schema") String schema,
    @JsonProperty("run_id") String runId,
    @JsonProperty("started_at") String startedAt,
    @JsonProperty("partial") boolean partial,
    @JsonProperty("host") Host host,
    @JsonProperty("results") List<Object> results,
    @JsonProperty("ratios") List<Ratio> ratios) {

  /** What {@code schema} says. */
  public static final String SCHEMA = "headrace/bench/1";

  /**
   * The table that people read, ending with a line feed.
   *
   * @param plan what was run
   */
  public String text(BenchPlan plan) {
    return BenchTable.of(this, plan);
  }

  /** Stands where a result would, for a transport that this host lacks. */
  public record Missing(
      @JsonProperty("workload") String workload,
      @JsonProperty("transport") String transport,
      @JsonProperty("unavailable") String reason) {}

  /** A transport against another, from the rounds' pairs; intervals are of 95 % confidence. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Ratio(
      @JsonProperty("workload") String workload,
      @JsonProperty("transport") String transport,
      @JsonProperty("base") String base,
      @JsonProperty("requests_per_second") PairedRatio rate,
      @JsonProperty("server_cpu_per_request") PairedRatio serverCpu) {}
}
