package dev.headrace.loadgen.bench;

import dev.headrace.Transport;
import dev.headrace.loadgen.load.RunPlan;
import dev.headrace.loadgen.report.AddedLatency;
import dev.headrace.loadgen.report.KeptFiles;
import dev.headrace.loadgen.report.Latency;
import dev.headrace.loadgen.report.Result;
import dev.headrace.loadgen.report.RunDirectory;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

/** One workload on one transport at one pace: its server, and what its turns gave. */
final class BenchCell implements AutoCloseable {
  private final String name;
  private final BenchWorkload workload;
  private final Transport transport;
  private final Subject subject;
  private final RunDirectory directory;
  private final Optional<RunPlan.Pace> pace;
  private final List<Result> turns = new ArrayList<>();

  BenchCell(
      String name,
      BenchWorkload workload,
      Transport transport,
      Subject subject,
      RunDirectory directory,
      Optional<RunPlan.Pace> pace) {
    this.name = name;
    this.workload = workload;
    this.transport = transport;
    this.subject = subject;
    this.directory = directory;
    this.pace = pace;
  }

  /** In the words of its directory. */
  @Override
  public String toString() {
    return name;
  }

  BenchWorkload workload() {
    return workload;
  }

  Transport transport() {
    return transport;
  }

  Subject subject() {
    return subject;
  }

  RunDirectory directory() {
    return directory;
  }

  /** Of an open loop; empty for a closed one. */
  Optional<RunPlan.Pace> pace() {
    return pace;
  }

  /** Keeps all turns so far as one result at once: a bench that is killed leaves it. */
  void add(Result turn) throws IOException {
    turns.add(turn);
    merged();
  }

  List<Result> turns() {
    return turns;
  }

  /** A value of each turn. */
  double[] each(ToDoubleFunction<Result> value) {
    return turns.stream().mapToDouble(value).toArray();
  }

  static double clientCpuPerRequest(Result turn) {
    return (turn.cpuSeconds().userSeconds() + turn.cpuSeconds().systemSeconds()) / turn.requests();
  }

  static double serverCpuPerRequest(Result turn) {
    return turn.serverCpuSeconds() == null ? Double.NaN : turn.serverCpuSeconds() / turn.requests();
  }

  /** One of a kind, whatever its figures. */
  List<String> warnings() {
    Map<String, String> warnings = new LinkedHashMap<>();
    for (Result turn : turns) {
      turn.warnings()
          .forEach(warning -> warnings.putIfAbsent(warning.replaceAll("[\\d.,]+", "#"), warning));
    }
    return List.copyOf(warnings.values());
  }

  /** As {@link #merged(AddedLatency, List)}, with nothing beside it. */
  Result merged() throws IOException {
    return merged(null, List.of());
  }

  /**
   * All turns as one result, which is kept: sums, and the percentiles of all latencies together.
   *
   * @param added of a proxy, else null
   * @param moreWarnings beside those of the turns
   */
  Result merged(AddedLatency added, List<String> moreWarnings) throws IOException {
    Result first = turns.getFirst();
    double seconds = sum(Result::durationSeconds);
    long requests = (long) sum(Result::requests);
    Map<String, Long> errors = new LinkedHashMap<>();
    for (Result turn : turns) {
      turn.errors().forEach((kind, count) -> errors.merge(kind, count, Long::sum));
    }
    List<String> warnings = new ArrayList<>(warnings());
    warnings.addAll(moreWarnings);
    Map<String, Object> config = new LinkedHashMap<>(first.config());
    config.put("rounds", turns.size());
    config.putAll(subject.config(first.transport()));
    boolean hasServerCpu = turns.stream().allMatch(turn -> turn.serverCpuSeconds() != null);
    Result merged =
        new Result(
            Result.SCHEMA,
            directory.runId(),
            directory.startedAt().toString(),
            turns.stream().anyMatch(Result::partial),
            workload.toString(),
            transport.toString(),
            "handler",
            config,
            first.host(),
            seconds,
            requests,
            requests / seconds,
            sum(turn -> turn.bytesPerSecond() * turn.durationSeconds()) / seconds,
            first.connections(),
            errors,
            latency(),
            pace.isPresent() ? latency(Latency.SERVICE) : null,
            added,
            new Result.Cpu(
                sum(turn -> turn.cpuSeconds().userSeconds()),
                sum(turn -> turn.cpuSeconds().systemSeconds())),
            hasServerCpu ? sum(Result::serverCpuSeconds) : null,
            null,
            new Result.Health(
                max(turn -> turn.health().loopLagP99Seconds()),
                max(turn -> turn.health().cpuShare()),
                (long) sum(turn -> turn.health().lateTicks())),
            List.copyOf(warnings));
    directory.write(merged);
    return merged;
  }

  /** That of all turns together; null where nothing was answered. */
  Latency latency() throws IOException {
    return latency(pace.isPresent() ? Latency.INTENDED : Latency.SERVICE);
  }

  /** From the log that the turns wrote one after the other; its entries are tagged with a pace. */
  private Latency latency(String kind) throws FileNotFoundException {
    Histogram all = new Histogram(3);
    try (HistogramLogReader log =
        new HistogramLogReader(directory.path().resolve(KeptFiles.LATENCY).toFile())) {
      while (log.hasNext()) {
        if (log.nextIntervalHistogram() instanceof Histogram interval
            && (pace.isEmpty() || kind.equals(interval.getTag()))) {
          all.add(interval);
        }
      }
    }
    return Latency.of(kind, all);
  }

  private double sum(ToDoubleFunction<Result> value) {
    return turns.stream().mapToDouble(value).sum();
  }

  private double max(ToDoubleFunction<Result> value) {
    return turns.stream().mapToDouble(value).max().orElse(0);
  }

  @Override
  public void close() throws IOException {
    subject.close();
    directory.close();
  }
}
