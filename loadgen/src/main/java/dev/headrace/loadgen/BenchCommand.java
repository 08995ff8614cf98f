package dev.headrace.loadgen;

import dev.headrace.Transport;
import dev.headrace.loadgen.bench.Bench;
import dev.headrace.loadgen.bench.BenchPlan;
import dev.headrace.loadgen.bench.BenchReport;
import dev.headrace.loadgen.bench.BenchWorkload;
import dev.headrace.loadgen.metrics.OpenMetricsExport;
import dev.headrace.loadgen.report.Json;
import dev.headrace.loadgen.report.Result;
import dev.headrace.loadgen.report.RunDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code headrace bench}: the main job. */
@Command(
    name = "bench",
    description = "Measures this host: workloads over all transports, turn by turn.",
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final int MOST_ROUNDS = 1000;

  private final Session session;

  @Option(
      names = "--workloads",
      split = ",",
      paramLabel = "echo,proxy,file",
      description = "What to run. Default: echo,proxy.",
      converter = Values.BenchWorkloadLabel.class)
  private List<BenchWorkload> workloads = List.of(BenchWorkload.ECHO, BenchWorkload.PROXY);

  @Option(
      names = "--transports",
      split = ",",
      paramLabel = "io_uring,epoll,nio",
      description = "Which transports the servers, and the file, use. Default: io_uring,epoll,nio.",
      converter = Values.TransportLabel.class)
  private List<Transport> transports = List.of(Transport.IO_URING, Transport.EPOLL, Transport.NIO);

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description = "One round of one workload on one transport. Default: 5s.",
      converter = Values.Time.class)
  private Duration duration = Duration.ofSeconds(5);

  @Option(names = "--rounds", paramLabel = "N", description = "Rounds. Default: 3.")
  private int rounds = 3;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Keeps the run there. Default: bench-results/local/RUN_ID.")
  private Path out;

  @Option(names = "--json", description = "Prints the report as one JSON document.")
  private boolean json;

  BenchCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    BenchPlan plan = plan();
    BenchReport report;
    RunDirectory directory = RunDirectory.create("bench", Optional.ofNullable(out));
    try (directory) {
      report =
          Bench.run(
              plan, directory, session.stop(), line -> session.err().println("bench: " + line));
    }
    if (json) {
      session.out().println(Json.document(report));
    } else {
      session.out().print(report.text(plan));
      session.out().println("kept in " + directory.path());
    }
    session.out().flush();
    if (report.results().stream().anyMatch(Result.class::isInstance)) {
      Path exported = OpenMetricsExport.write(directory.path()).file();
      session.err().println("bench: " + OpenMetricsExport.backfillCommand(exported));
    }
    return status(report);
  }

  private BenchPlan plan() {
    if (rounds < 1 || rounds > MOST_ROUNDS) {
      throw new WrongValue("--rounds is " + rounds + ": it must be 1 to " + MOST_ROUNDS);
    }
    if (duration.compareTo(SHORTEST) < 0) {
      throw new WrongValue("--duration is " + duration.toMillis() + " ms: it must be 1 ms or more");
    }
    if (transports.contains(Transport.AUTO)) {
      throw new WrongValue("--transports compares io_uring, epoll and nio: auto is one of them");
    }
    return new BenchPlan(
        new ArrayList<>(new LinkedHashSet<>(workloads)),
        new ArrayList<>(new LinkedHashSet<>(transports)),
        duration,
        rounds);
  }

  private int status(BenchReport report) {
    if (report.partial()) {
      session
          .err()
          .println("headrace: the bench was interrupted, or lost a server: the report is partial");
      return Main.FAILED;
    }
    List<Result> measured =
        report.results().stream().filter(Result.class::isInstance).map(Result.class::cast).toList();
    if (measured.isEmpty()) {
      session.err().println("headrace: this host has none of the transports that were asked for");
      return Main.UNAVAILABLE;
    }
    return measured.stream().allMatch(Result::good) ? Main.GOOD : Main.FAILED;
  }
}
