package dev.headrace.loadgen.metrics;

import dev.headrace.loadgen.measure.Interval;
import dev.headrace.loadgen.measure.LoopRecorder;
import dev.headrace.loadgen.measure.Measurement;
import dev.headrace.loadgen.report.Host;
import dev.headrace.loadgen.report.Json;
import dev.headrace.loadgen.report.Latency;
import dev.headrace.loadgen.report.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * A run as its directory tells of it, interval by interval. Of one that was killed there is no
 * {@code result.json}: what its logs hold is told all the same.
 */
final class KeptRun {
  /** Takes the run's numbers. */
  interface Moments {
    /** The numbers at one moment; moments ascend. */
    void add(Families moment) throws IOException;
  }

  /** A pause between two intervals, as a bench has them, is told as one: a rate is zero in it. */
  private static final long PAUSE_MILLIS = 500;

  private final Optional<Result> result;
  private final RunLabels labels;
  private final Path intervals;
  private final LatencyLog log;
  private final Histogram latency = newHistogram();
  private final Histogram service = newHistogram();
  private final Map<String, Long> errors = new TreeMap<>();
  private boolean open;
  private long bytes;
  private long lastMillis;

  private KeptRun(Path directory) throws IOException {
    Path document = directory.resolve("result.json");
    result =
        Files.exists(document) ? Optional.of(Json.read(document, Result.class)) : Optional.empty();
    intervals = directory.resolve("intervals.ndjson");
    log = LatencyLog.of(directory.resolve("latency.hlog"));
    labels = result.map(KeptRun::labels).orElseGet(log::labels);
    open =
        result
            .flatMap(kept -> Optional.ofNullable(kept.latency()))
            .map(kept -> kept.kind().equals(Latency.INTENDED))
            .orElse(false);
  }

  private static Histogram newHistogram() {
    return new Histogram(1, LoopRecorder.MAX_NANOS, LoopRecorder.DIGITS);
  }

  private static RunLabels labels(Result result) {
    return new RunLabels(
        result.runId(), result.hold() == null ? result.workload() : "hold", result.transport());
  }

  /** Whether a directory holds a run, or what is left of one. */
  static boolean isIn(Path directory) {
    return Files.isRegularFile(directory.resolve("result.json"))
        || Files.isRegularFile(directory.resolve("latency.hlog"))
            && Files.isRegularFile(directory.resolve("intervals.ndjson"));
  }

  /** Reads it through. */
  static void read(Path directory, Moments moments) throws IOException {
    new KeptRun(directory).read(moments);
  }

  private void read(Moments moments) throws IOException {
    if (Files.exists(intervals)) {
      try (log;
          BufferedReader lines = Files.newBufferedReader(intervals)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          Optional<LatencyLog.Entry> entry = log.next();
          if (entry.isEmpty()) {
            break; // it was killed between the two
          }
          add(Json.read(line, Interval.class), entry.get(), moments);
        }
      }
    }
    if (lastMillis == 0 && result.isPresent()) {
      Instant began = Instant.parse(result.get().startedAt());
      tell(began.toEpochMilli() + Math.round(result.get().durationSeconds() * 1e3), moments);
    }
  }

  private void add(Interval interval, LatencyLog.Entry entry, Moments moments) throws IOException {
    open = entry.service().isPresent();
    if (entry.latency().getStartTimeStamp() - lastMillis > PAUSE_MILLIS) {
      tell(entry.latency().getStartTimeStamp(), moments);
    }
    latency.add(entry.latency());
    entry.service().ifPresent(service::add);
    kinds(interval).forEach((kind, count) -> errors.merge(kind, count, Long::sum));
    bytes += interval.bytes();
    tell(Math.max(lastMillis + 1, entry.latency().getEndTimeStamp()), moments);
  }

  /** An older program kept only how many. */
  private static Map<String, Long> kinds(Interval interval) {
    return interval.errorsByKind().isEmpty() && interval.errors() > 0
        ? Map.of(Host.UNKNOWN, interval.errors())
        : interval.errorsByKind();
  }

  private void tell(long atMillis, Moments moments) throws IOException {
    lastMillis = atMillis;
    Families families = Families.at(atMillis, labels);
    result.ifPresent(kept -> new RunInfo(kept.api(), kept.host()).addTo(families));
    new RunCounts(new Measurement.Counts(latency, service, errors, bytes), open).addTo(families);
    result
        .flatMap(kept -> Optional.ofNullable(kept.connections()))
        .ifPresent(
            connections ->
                families.gauge("connections", "Connections that the run had.", connections));
    moments.add(families);
  }
}
