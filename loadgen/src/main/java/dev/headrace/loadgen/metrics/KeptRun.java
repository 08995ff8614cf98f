package dev.headrace.loadgen.metrics;

import dev.headrace.loadgen.measure.Interval;
import dev.headrace.loadgen.measure.LoopRecorder;
import dev.headrace.loadgen.measure.Measurement;
import dev.headrace.loadgen.report.Host;
import dev.headrace.loadgen.report.Json;
import dev.headrace.loadgen.report.KeptFiles;
import dev.headrace.loadgen.report.Latency;
import dev.headrace.loadgen.report.Result;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
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
  private final Path latencies;
  private final LatencyLog log;
  private final Histogram latency = newHistogram();
  private final Histogram service = newHistogram();
  private final Map<String, Long> errors = new TreeMap<>();
  private boolean open;
  private long bytes;
  private long requests;
  private long lastMillis;

  private KeptRun(Path directory) throws IOException {
    result =
        Files.exists(directory.resolve(KeptFiles.RESULT))
            ? Optional.of(KeptDocument.result(directory))
            : Optional.empty();
    intervals = directory.resolve(KeptFiles.INTERVALS);
    latencies = directory.resolve(KeptFiles.LATENCY);
    boolean needed = result.isPresent() && result.get().requests() > 0;
    KeptDocument.checkLog(latencies, needed);
    KeptDocument.checkLog(intervals, needed);
    log = LatencyLog.of(latencies);
    labels = result.map(KeptRun::labels).orElseGet(log::labels);
    open =
        result
            .flatMap(kept -> Optional.ofNullable(kept.latency()))
            .map(kept -> Latency.INTENDED.equals(kept.kind()))
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
    return Stream.of(KeptFiles.RESULT, KeptFiles.LATENCY, KeptFiles.INTERVALS)
        .anyMatch(name -> Files.exists(directory.resolve(name)));
  }

  /**
   * Reads it through.
   *
   * @return whether there was anything
   * @throws IOException when its files do not agree; the message names the one to blame
   */
  static boolean read(Path directory, Moments moments) throws IOException {
    KeptRun run = new KeptRun(directory);
    run.read(moments);
    return run.lastMillis != 0;
  }

  private void read(Moments moments) throws IOException {
    try (log) {
      if (Files.exists(intervals)) {
        readLogs(moments);
      }
    }
    if (result.isPresent()) {
      checkCounts(result.get());
      if (lastMillis == 0) {
        Instant began = Instant.parse(result.get().startedAt());
        tell(began.toEpochMilli() + Math.round(result.get().durationSeconds() * 1e3), moments);
      }
    }
  }

  /** One that was killed ends where its logs were cut off. */
  private void readLogs(Moments moments) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(intervals), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Optional<Interval> interval = Json.read(line, Interval.class);
        boolean damaged =
            interval.isEmpty()
                || interval.get().errorsByKind().values().stream().anyMatch(Objects::isNull);
        if (damaged && result.isPresent()) {
          throw KeptDocument.damaged(intervals, "is damaged");
        }
        Optional<LatencyLog.Entry> entry = log.next();
        if (result.isEmpty() && (damaged || entry.isEmpty())) {
          return;
        }
        requests += interval.get().requests();
        if (entry.isPresent()) {
          add(interval.get(), entry.get(), moments);
        }
      }
    }
    for (var more = log.next(); more.isPresent(); more = log.next()) {
      sum(more.get()); // where the intervals end too early, it is not the log that is blamed
    }
  }

  private void checkCounts(Result kept) throws IOException {
    String run = log.labels().run();
    if (!run.equals(Host.UNKNOWN) && !run.equals(kept.runId())) {
      throw KeptDocument.damaged(latencies, "is of the run " + run);
    }
    checkCount(latencies, latency.getTotalCount(), kept);
    checkCount(intervals, requests, kept);
  }

  private static void checkCount(Path file, long count, Result kept) throws IOException {
    if (count != kept.requests()) {
      throw KeptDocument.damaged(
          file,
          "has %d requests that can be read, and result.json tells of %d"
              .formatted(count, kept.requests()));
    }
  }

  private void add(Interval interval, LatencyLog.Entry entry, Moments moments) throws IOException {
    open = entry.service().isPresent();
    if (entry.latency().getStartTimeStamp() - lastMillis > PAUSE_MILLIS) {
      tell(entry.latency().getStartTimeStamp(), moments);
    }
    sum(entry);
    kinds(interval).forEach((kind, count) -> errors.merge(kind, count, Long::sum));
    bytes += interval.bytes();
    tell(Math.max(lastMillis + 1, entry.latency().getEndTimeStamp()), moments);
  }

  private void sum(LatencyLog.Entry entry) throws IOException {
    try {
      latency.add(entry.latency());
      entry.service().ifPresent(service::add);
    } catch (ArrayIndexOutOfBoundsException tooLong) {
      throw KeptDocument.damaged(latencies, "has times beyond what Headrace measures");
    }
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
