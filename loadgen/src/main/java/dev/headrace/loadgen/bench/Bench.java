package dev.headrace.loadgen.bench;

import dev.headrace.EngineOptions;
import dev.headrace.Transport;
import dev.headrace.TransportReport;
import dev.headrace.linux.CpuSet;
import dev.headrace.loadgen.Interruption;
import dev.headrace.loadgen.PairedRatio;
import dev.headrace.loadgen.load.LoadRun;
import dev.headrace.loadgen.load.RunContext;
import dev.headrace.loadgen.load.RunPlan;
import dev.headrace.loadgen.report.Host;
import dev.headrace.loadgen.report.Json;
import dev.headrace.loadgen.report.KeptFiles;
import dev.headrace.loadgen.report.Progress;
import dev.headrace.loadgen.report.Result;
import dev.headrace.loadgen.report.RunDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/**
 * Runs a {@link BenchPlan}: all servers up and files made, then round by round every cell once, in
 * random order.
 */
public final class Bench implements AutoCloseable {
  private final BenchPlan plan;
  private final Interruption stop;
  private final Consumer<String> progress;
  private final BenchPlan.Placement placement = BenchPlan.Placement.here();
  private final TransportReport transports = TransportReport.ofThisHost();
  private final Random random = new Random();
  private final RunDirectory directory;
  private final Map<String, BenchCell> cells = new LinkedHashMap<>();
  private final Map<String, String> missing = new LinkedHashMap<>();
  private final Detours detours;
  private ServerProcess backend;
  private BenchFile file;
  private boolean lost;

  private Bench(
      BenchPlan plan, RunDirectory directory, Interruption stop, Consumer<String> progress) {
    this.plan = plan;
    this.directory = directory;
    this.detours = new Detours(directory.path());
    this.stop = stop;
    this.progress = progress;
  }

  /**
   * Runs, and keeps the report as {@code bench.json} in the directory, each cell's run below it.
   *
   * @param plan what
   * @param directory of the whole bench
   * @param stop ends it early: the report is partial then
   * @param progress is told in a line what goes on
   * @return the report
   * @throws IOException when a server cannot be started, or the directory not written
   */
  public static BenchReport run(
      BenchPlan plan, RunDirectory directory, Interruption stop, Consumer<String> progress)
      throws IOException {
    try (Bench bench = new Bench(plan, directory, stop, progress)) {
      bench.start();
      try {
        bench.rounds();
      } catch (IOException e) {
        bench.lost = true;
        progress.accept("stopped: " + e.getMessage());
      }
      BenchReport report = bench.report();
      Files.writeString(directory.path().resolve(KeptFiles.BENCH), Json.document(report) + '\n');
      return report;
    }
  }

  private void start() throws IOException {
    progress.accept("making ready what is measured");
    for (BenchWorkload workload : plan.workloads()) {
      for (Transport transport : plan.transports()) {
        String name = workload + "-" + transport;
        if (transports.entry(transport).available()) {
          start(name, workload, transport);
        } else {
          missing.put(name, transports.entry(transport).reason());
        }
      }
    }
  }

  private void start(String name, BenchWorkload workload, Transport transport) throws IOException {
    RunDirectory kept = RunDirectory.create(name, Optional.of(directory.path().resolve(name)));
    try {
      Subject subject = subject(workload, transport);
      cells.put(name, new BenchCell(name, workload, transport, subject, kept, Optional.empty()));
      if (workload == BenchWorkload.PROXY) {
        detours.add(transport, subject, backend, transports.picked());
      }
    } catch (IOException e) {
      missing.put(name, e.getMessage());
      if (!cells.containsKey(name)) {
        kept.close();
      }
    }
  }

  private Subject subject(BenchWorkload workload, Transport transport) throws IOException {
    return switch (workload) {
      case ECHO -> Subject.Served.by(serve("echo", transport, placement.server()));
      case PROXY -> {
        if (backend == null) {
          backend = serve("echo", Transport.AUTO, placement.backend());
        }
        yield Subject.Served.by(
            serve("proxy", transport, placement.server(), "--upstream", backend.address()));
      }
      case FILE -> {
        if (file == null) {
          file = BenchFile.make(directory.path().resolve("bench-file"));
        }
        yield Subject.OnFile.of(file.path(), transport);
      }
    };
  }

  private ServerProcess serve(
      String service, Transport transport, Optional<CpuSet> pin, String... more)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of("serve", service));
    arguments.addAll(List.of("--bind", "127.0.0.1:0", "--loops", "1"));
    arguments.addAll(List.of("--transport", transport.toString()));
    pin.ifPresent(cpus -> arguments.addAll(List.of("--pin", cpus.toString())));
    arguments.addAll(List.of(more));
    return ServerProcess.start(ServerProcess.headrace(arguments));
  }

  private void rounds() throws IOException {
    List<BenchCell> order = new ArrayList<>(cells.values());
    order.addAll(detours.cells());
    for (BenchCell cell : order) {
      if (stop.isRequested()) {
        return;
      }
      progress.accept("warming up " + cell);
      Path scratch = Files.createTempDirectory("headrace-warm-up");
      try (RunDirectory thrownAway = RunDirectory.create("warm-up", Optional.of(scratch))) {
        turn(cell, Duration.ZERO, BenchPlan.WARMUP, thrownAway);
      } finally {
        deleteTree(scratch);
      }
    }
    for (int round = 1; round <= plan.rounds(); round++) {
      Collections.shuffle(order, random);
      for (BenchCell cell : order) {
        if (stop.isRequested()) {
          return;
        }
        progress.accept("round %d of %d: %s".formatted(round, plan.rounds(), cell));
        cell.add(turn(cell, BenchPlan.TURN_WARMUP, plan.duration(), cell.directory()));
      }
    }
  }

  private Result turn(BenchCell cell, Duration warmup, Duration duration, RunDirectory into)
      throws IOException {
    EngineOptions.Builder client =
        EngineOptions.builder().name("bench").loops(1).drainTimeout(Duration.ofMillis(500));
    placement.client().ifPresent(client::pin);
    return LoadRun.run(
        cell.subject().load(),
        new RunPlan(warmup, duration, cell.pace()),
        cell.subject().client(client),
        new RunContext(into, Progress.none(), stop));
  }

  private static void deleteTree(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  private BenchReport report() throws IOException {
    List<Object> results = new ArrayList<>();
    List<BenchReport.Ratio> ratios = new ArrayList<>();
    for (BenchWorkload workload : plan.workloads()) {
      for (Transport transport : plan.transports()) {
        String name = workload + "-" + transport;
        BenchCell cell = cells.get(name);
        if (cell == null) {
          results.add(
              new BenchReport.Missing(
                  workload.toString(), transport.toString(), missing.get(name)));
        } else if (!cell.turns().isEmpty()) {
          results.add(
              workload == BenchWorkload.PROXY
                  ? cell.merged(detours.addedBy(transport), detours.warnings(transport))
                  : cell.merged());
          BenchCell base = cells.get(workload + "-" + Transport.NIO);
          if (base != null && base != cell && !base.turns().isEmpty()) {
            ratios.add(ratio(cell, base));
          }
        }
      }
    }
    detours.keep();
    return new BenchReport(
        BenchReport.SCHEMA,
        directory.runId(),
        directory.startedAt().toString(),
        stop.isRequested() || lost,
        Host.here(),
        results,
        ratios);
  }

  private static BenchReport.Ratio ratio(BenchCell cell, BenchCell base) {
    return new BenchReport.Ratio(
        cell.workload().toString(),
        cell.transport().toString(),
        base.transport().toString(),
        paired(cell, base, Result::requestsPerSecond),
        paired(cell, base, BenchCell::serverCpuPerRequest));
  }

  /** Rounds that both cells came through; null where a value is missing. */
  private static PairedRatio paired(
      BenchCell cell, BenchCell base, ToDoubleFunction<Result> value) {
    double[] side = cell.each(value);
    double[] against = base.each(value);
    int rounds = Math.min(side.length, against.length);
    PairedRatio ratio =
        PairedRatio.of(
            java.util.Arrays.copyOf(side, rounds), java.util.Arrays.copyOf(against, rounds));
    boolean complete = Double.isFinite(ratio.low()) && Double.isFinite(ratio.high());
    return complete && Double.isFinite(ratio.median()) ? ratio : null;
  }

  /** Ends the servers, and removes the file. */
  @Override
  public void close() throws IOException {
    for (BenchCell cell : cells.values()) {
      cell.close();
    }
    detours.close();
    if (backend != null) {
      backend.close();
    }
    if (file != null) {
      file.close();
    }
  }
}
