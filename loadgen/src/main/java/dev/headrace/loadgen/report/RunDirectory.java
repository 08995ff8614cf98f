package dev.headrace.loadgen.report;

import dev.headrace.loadgen.measure.Interval;
import dev.headrace.loadgen.measure.Measurement;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogWriter;

/**
 * Where a run is kept: {@code result.json}, {@code latency.hlog}, {@code intervals.ndjson}. The
 * logs are written as the run goes, so that a run that is killed leaves them. One that was made for
 * a run that keeps nothing goes with it.
 */
public final class RunDirectory implements Measurement.Sink, AutoCloseable {
  private static final Path DEFAULT_PARENT = Path.of("bench-results", "local");

  private final String runId;
  private final Path path;
  private final Instant startedAt;
  private final boolean made;

  // Opened with the first interval.
  private BufferedWriter intervals;
  private PrintStream log;
  private HistogramLogWriter histograms;

  private RunDirectory(String runId, Path path, Instant startedAt, boolean made) {
    this.runId = runId;
    this.path = path;
    this.startedAt = startedAt;
    this.made = made;
  }

  private void openLogs() throws IOException {
    intervals = Files.newBufferedWriter(path.resolve(KeptFiles.INTERVALS));
    log = new PrintStream(Files.newOutputStream(path.resolve(KeptFiles.LATENCY)));
    histograms = new HistogramLogWriter(log);
    histograms.outputComment("[Headrace run " + runId + ", values in nanoseconds]");
    histograms.outputLogFormatVersion();
    histograms.outputStartTime(startedAt.toEpochMilli());
    histograms.outputLegend();
  }

  /**
   * Makes the directory of a run that starts now; an earlier run or bench in it is removed.
   *
   * @param name what the run is, to be read in its id
   * @param chosen where; empty for a directory of its own under {@code bench-results/local}
   * @throws IOException when nothing can be written there
   */
  public static RunDirectory create(String name, Optional<Path> chosen) throws IOException {
    Instant now = Instant.now();
    String id = RunId.of(name, now);
    Path path = chosen.orElse(DEFAULT_PARENT.resolve(id));
    boolean made = !Files.exists(path);
    try {
      Files.createDirectories(path);
      KeptFiles.remove(path);
      return new RunDirectory(id, path, now, made);
    } catch (FileAlreadyExistsException e) {
      throw new IOException(
          "cannot keep the run in " + path + ": a file is in the way; name another with --out", e);
    } catch (IOException e) {
      throw new IOException(
          "cannot keep the run in " + path + " (" + e + "); name a directory with --out", e);
    }
  }

  /** The run's name, unlike any other's. */
  public String runId() {
    return runId;
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** When the run was asked for. */
  public Instant startedAt() {
    return startedAt;
  }

  @Override
  public void interval(Interval interval, Histogram latency, Histogram service) throws IOException {
    if (intervals == null) {
      openLogs();
    }
    intervals.write(Json.line(interval));
    intervals.newLine();
    intervals.flush();
    histograms.outputIntervalHistogram(latency);
    if (service != null) {
      histograms.outputIntervalHistogram(service);
    }
    if (log.checkError()) {
      throw new IOException("cannot write " + path.resolve(KeptFiles.LATENCY));
    }
  }

  /** Writes the result document. */
  public void write(Result result) throws IOException {
    Files.writeString(path.resolve(KeptFiles.RESULT), Json.document(result) + '\n');
  }

  @Override
  public void close() throws IOException {
    if (intervals != null) {
      intervals.close();
      histograms.close();
    }
    if (made) {
      KeptFiles.removeEmpty(path);
    }
  }
}
