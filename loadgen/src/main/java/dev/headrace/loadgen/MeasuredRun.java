package dev.headrace.loadgen;

import dev.headrace.EngineOptions;
import dev.headrace.loadgen.load.LoadRun;
import dev.headrace.loadgen.load.RunContext;
import dev.headrace.loadgen.load.RunPlan;
import dev.headrace.loadgen.load.Workload;
import dev.headrace.loadgen.measure.Watcher;
import dev.headrace.loadgen.metrics.LiveRun;
import dev.headrace.loadgen.metrics.MetricsEndpoint;
import dev.headrace.loadgen.report.Json;
import dev.headrace.loadgen.report.Progress;
import dev.headrace.loadgen.report.Result;
import dev.headrace.loadgen.report.ResultText;
import dev.headrace.loadgen.report.RunDirectory;
import java.io.IOException;

/** A run as a command makes it: kept in its directory, watched, printed, and turned to a status. */
final class MeasuredRun {
  private MeasuredRun() {}

  /** What is measured. */
  interface Run {
    Result run(RunContext context) throws IOException;
  }

  /** Runs a workload. */
  static int drive(
      Session session, RunFlags flags, EngineOptions options, Workload workload, RunPlan plan)
      throws IOException {
    return of(
        session, flags, workload.name(), context -> LoadRun.run(workload, plan, options, context));
  }

  /**
   * Runs anything.
   *
   * @param name what the run is, to be read in its id
   * @return the exit status
   */
  static int of(Session session, RunFlags flags, String name, Run run) throws IOException {
    try (MetricsEndpoint endpoint = flags.metrics().open(session)) {
      int status = of(session, flags, name, run, endpoint);
      endpoint.linger(flags.metrics().linger(), session);
      return status;
    }
  }

  private static int of(
      Session session, RunFlags flags, String name, Run run, MetricsEndpoint endpoint)
      throws IOException {
    Result result;
    RunDirectory directory = RunDirectory.create(name, flags.out());
    try (directory;
        Progress progress = Progress.to(session.err(), name, flags.duration())) {
      Watcher watcher = new LiveRun(endpoint, directory.runId(), name);
      result = run.run(new RunContext(directory, progress, session.stop(), watcher));
      directory.write(result);
    }
    if (flags.json()) {
      session.out().println(Json.document(result));
    } else {
      session.out().print(ResultText.of(result));
      session.out().println("kept in " + directory.path());
    }
    session.out().flush();
    if (!result.good()) {
      session.err().println("headrace: " + complaint(result, session.stop().isRequested()));
    }
    return result.good() ? Main.GOOD : Main.FAILED;
  }

  private static String complaint(Result result, boolean interrupted) {
    if (interrupted) {
      return "interrupted: the result is partial";
    }
    if (result.requests() == 0 && !result.errors().isEmpty()) {
      return "every request was an error: " + result.errors();
    }
    return result.partial()
        ? "no connection was left at the end: the result is partial"
        : "no request was answered";
  }
}
