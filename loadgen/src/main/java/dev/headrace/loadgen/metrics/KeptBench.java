package dev.headrace.loadgen.metrics;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.headrace.loadgen.bench.BenchReport;
import dev.headrace.loadgen.report.KeptFiles;
import dev.headrace.loadgen.report.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a {@code bench.json} names: its cells, and beside its proxies the paced ones.
 *
 * @param results null where it lacks them
 */
record KeptBench(
    @JsonProperty("schema") String schema,
    @JsonProperty("started_at") String startedAt,
    @JsonProperty("partial") boolean partial,
    @JsonProperty("results") List<Cell> results) {

  /**
   * One of them.
   *
   * @param unavailable why there is none; null where there is one
   * @param addedLatency of a proxy whose paced cells were measured, else null
   */
  record Cell(
      @JsonProperty("run_id") String runId,
      @JsonProperty("workload") String workload,
      @JsonProperty("transport") String transport,
      @JsonProperty("unavailable") String unavailable,
      @JsonProperty("added_latency") Object addedLatency) {
    String name() {
      return workload + "-" + transport;
    }
  }

  static boolean isIn(Path directory) {
    return Files.exists(directory.resolve(KeptFiles.BENCH));
  }

  /** The directories of its runs: those of this bench, whatever else is there. */
  static Set<Path> runs(Path directory) throws IOException {
    Path file = directory.resolve(KeptFiles.BENCH);
    KeptBench bench = KeptDocument.read(file, KeptBench.class);
    KeptDocument.checkSchema(file, BenchReport.SCHEMA, bench.schema());
    Map<String, Object> needed = new LinkedHashMap<>();
    needed.put("started_at", bench.startedAt());
    needed.put("results", bench.results());
    KeptDocument.check(file, needed);
    Instant began = KeptDocument.instant(file, bench.startedAt());
    Set<Path> runs = new LinkedHashSet<>();
    for (Cell cell : bench.results()) {
      if (cell == null) {
        throw KeptDocument.damaged(file, "has a result that is none");
      }
      if (cell.unavailable() == null) {
        runs.add(measured(file, cell));
        addPaced(directory, cell, began, runs);
      }
    }
    if (runs.isEmpty()) {
      throw new IOException(
          file
              + " holds no result: "
              + (bench.partial()
                  ? "the bench was interrupted before it had one: run it again"
                  : "none of its transports was available"));
    }
    return runs;
  }

  private static Path measured(Path file, Cell cell) throws IOException {
    Path directory = file.resolveSibling(cell.name());
    if (!KeptFiles.isCell(directory)) {
      throw KeptDocument.damaged(
          file, "names the cell '" + cell.name() + "', which is no directory");
    }
    Result result = KeptDocument.result(directory);
    if (!result.runId().equals(cell.runId())) {
      throw KeptDocument.damaged(
          directory.resolve(KeptFiles.RESULT),
          "is of the run " + result.runId() + ", and bench.json names " + cell.runId());
    }
    return directory;
  }

  /** They are not named one by one, and one of an earlier bench may stand there. */
  private static void addPaced(Path directory, Cell cell, Instant began, Set<Path> runs)
      throws IOException {
    if (!"proxy".equals(cell.workload())) {
      return;
    }
    for (String name : List.of("direct-paced", cell.name() + "-paced")) {
      Path paced = directory.resolve(name);
      boolean needed = cell.addedLatency() != null;
      if (needed || Files.exists(paced.resolve(KeptFiles.RESULT))) {
        Result result = KeptDocument.result(paced);
        Path file = paced.resolve(KeptFiles.RESULT);
        if (!KeptDocument.instant(file, result.startedAt()).isBefore(began)) {
          runs.add(paced);
        } else if (needed) {
          throw KeptDocument.damaged(file, "is older than the bench");
        }
      }
    }
  }
}
