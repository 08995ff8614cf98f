package dev.headrace.loadgen.metrics;

import dev.headrace.loadgen.report.Host;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

/** The {@code latency.hlog} of a run, an entry an interval. */
final class LatencyLog implements AutoCloseable {
  /** As RunDirectory writes it, and RunId makes it: time, name, chance. */
  private static final Pattern RUN = Pattern.compile("#\\[Headrace run (\\w+-(.+)-\\w+),.*");

  private static final String SERVICE = "service";

  private final RunLabels labels;
  private final HistogramLogReader reader;
  private Histogram ahead;

  /**
   * One interval.
   *
   * @param latency of its requests
   * @param service times of the same, in an open loop
   */
  record Entry(Histogram latency, Optional<Histogram> service) {}

  private LatencyLog(RunLabels labels, HistogramLogReader reader) {
    this.labels = labels;
    this.reader = reader;
    ahead = take();
  }

  /** Opens it; one that is not there is empty. */
  static LatencyLog of(Path path) throws IOException {
    return Files.exists(path)
        ? new LatencyLog(labels(path), new HistogramLogReader(path.toFile()))
        : new LatencyLog(unknown(), new HistogramLogReader(java.io.InputStream.nullInputStream()));
  }

  private static RunLabels labels(Path path) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(path, StandardCharsets.ISO_8859_1)) {
      Matcher run = RUN.matcher(Optional.ofNullable(lines.readLine()).orElse(""));
      return run.matches() ? new RunLabels(run.group(1), run.group(2), Host.UNKNOWN) : unknown();
    }
  }

  private static RunLabels unknown() {
    return new RunLabels(Host.UNKNOWN, Host.UNKNOWN, Host.UNKNOWN);
  }

  /** What the log itself tells of its run. */
  RunLabels labels() {
    return labels;
  }

  /** The next interval; empty at the end, also where a crash has cut it off, or it is damaged. */
  Optional<Entry> next() {
    if (ahead == null) {
      return Optional.empty();
    }
    Histogram latency = ahead;
    ahead = take();
    if (ahead == null || !SERVICE.equals(ahead.getTag())) {
      return Optional.of(new Entry(latency, Optional.empty()));
    }
    Histogram service = ahead;
    ahead = take();
    return Optional.of(new Entry(latency, Optional.of(service)));
  }

  private Histogram take() {
    try {
      return reader.hasNext() ? (Histogram) reader.nextIntervalHistogram() : null;
    } catch (RuntimeException cutOffOrDamaged) {
      return null;
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
