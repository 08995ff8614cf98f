package dev.headrace.loadgen.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;

/**
 * The result document. Units are in the names, base units throughout; what does not apply is
 * absent. {@code bytes_per_second} counts the payload of the answers, one way.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Result(
    @JsonProperty("schema") String schema,
    @JsonProperty("run_id") String runId,
    @JsonProperty("started_at") String startedAt,
    @JsonProperty("partial") boolean partial,
    @JsonProperty("workload") String workload,
    @JsonProperty("transport") String transport,
    @JsonProperty("api") String api,
    @JsonProperty("config") Map<String, Object> config,
    @JsonProperty("host") Host host,
    @JsonProperty("duration_seconds") double durationSeconds,
    @JsonProperty("requests") long requests,
    @JsonProperty("requests_per_second") double requestsPerSecond,
    @JsonProperty("bytes_per_second") double bytesPerSecond,
    @JsonProperty("connections") Integer connections,
    @JsonProperty("errors") Map<String, Long> errors,
    @JsonProperty("latency") Latency latency,
    @JsonProperty("service_latency") Latency serviceLatency,
    @JsonProperty("added_latency") AddedLatency addedLatency,
    @JsonProperty("cpu_seconds") Cpu cpuSeconds,
    @JsonProperty("server_cpu_seconds") Double serverCpuSeconds,
    @JsonProperty("hold") Hold hold,
    @JsonProperty("health") Health health,
    @JsonProperty("warnings") List<String> warnings) {

  /** What {@code schema} says. */
  public static final String SCHEMA = "headrace/result/1";

  /** CPU time of the generator's process over the measured window. */
  public record Cpu(
      @JsonProperty("user") double userSeconds, @JsonProperty("system") double systemSeconds) {}

  /** What holding idle connections took; the server's share where it is ours and local. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Hold(
      @JsonProperty("connections") int connections,
      @JsonProperty("connect_seconds") double connectSeconds,
      @JsonProperty("server_bytes_per_connection") Double serverBytesPerConnection,
      @JsonProperty("server_resident_bytes_per_connection")
          Double serverResidentBytesPerConnection) {}

  /** What the generator thinks of itself. */
  public record Health(
      @JsonProperty("loop_lag_p99_seconds") double loopLagP99Seconds,
      @JsonProperty("cpu_share") double cpuShare,
      @JsonProperty("late_ticks") long lateTicks) {}

  /** How many errors of all kinds. */
  public long errorCount() {
    return errors.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Whether the run is worth its name: it came to its end, and something was answered. */
  public boolean good() {
    return !partial && requests > 0;
  }
}
