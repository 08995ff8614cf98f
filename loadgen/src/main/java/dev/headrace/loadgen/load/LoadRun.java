package dev.headrace.loadgen.load;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.linux.CpuSet;
import dev.headrace.loadgen.Interruption;
import dev.headrace.loadgen.measure.ErrorCounts;
import dev.headrace.loadgen.measure.LocalServer;
import dev.headrace.loadgen.measure.LoopRecorder;
import dev.headrace.loadgen.measure.Measurement;
import dev.headrace.loadgen.measure.Watcher;
import dev.headrace.loadgen.report.Host;
import dev.headrace.loadgen.report.Latency;
import dev.headrace.loadgen.report.Progress;
import dev.headrace.loadgen.report.Result;
import dev.headrace.loadgen.report.RunDirectory;
import dev.headrace.loadgen.report.Warnings;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * One run, from the first connection to the result:
 *
 * <pre>
 *   connect ─▶ warm-up ─▶ measured window ─▶ grace ─▶ result
 *                (thrown      (a tick a        (what is due and unanswered
 *                 away)        second)          gets a second more, or its time-out)
 * </pre>
 */
public final class LoadRun {
  private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long GRACE_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** Between the order to begin and the first request: every loop knows the schedule by then. */
  private static final long LEAD_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final Workload workload;
  private final Lanes lanes;
  private final RunPlan plan;
  private final Engine engine;
  private final RunDirectory directory;
  private final Progress progress;
  private final Interruption stop;
  private final Watcher watcher;
  private final ErrorCounts errors = new ErrorCounts();
  private final List<LoopLoad> loads = new ArrayList<>();
  private final Warnings warnings = new Warnings();
  private final Host host = Host.here();

  private LoadRun(Workload workload, Lanes lanes, RunPlan plan, Engine engine, RunContext context) {
    this.workload = workload;
    this.lanes = lanes;
    this.plan = plan;
    this.engine = engine;
    this.directory = context.directory();
    this.progress = context.progress();
    this.stop = context.stop();
    this.watcher = context.watcher();
    place();
  }

  /**
   * Runs; blocks until the result is there. Its logs are in the directory then, itself it is not:
   * who asked for the run may have more to say in it.
   *
   * @param workload what to ask
   * @param plan how long, at which pace
   * @param options of the generator's engine
   * @param context where it is kept, who watches, what ends it early
   * @return the result
   * @throws IOException when not a single connection can be made, a file not be opened, or the
   *     directory not be written
   */
  public static Result run(
      Workload workload, RunPlan plan, EngineOptions options, RunContext context)
      throws IOException {
    try (Engine engine = Engine.start(options);
        Lanes lanes = workload.prepare(engine)) {
      LoadRun run = new LoadRun(workload, lanes, plan, engine, context);
      try {
        return run.run();
      } finally {
        run.loads.forEach(load -> load.close().awaitUninterruptibly());
      }
    }
  }

  /** Lane n lives on loop n mod loops; a loop without a lane has no part in the run. */
  private void place() {
    for (EventExecutor loop : engine.loops()) {
      if (loads.size() < workload.lanes()) {
        loads.add(
            new LoopLoad(
                (EventLoop) loop, new LoopRecorder(plan.pace().isPresent()), workload.timeout()));
      }
    }
    for (int i = 0; i < workload.lanes(); i++) {
      LoopLoad load = loads.get(i % loads.size());
      boolean open = plan.pace().isPresent();
      Site site = new Site(engine, load.loop(), open, load.recorder(), errors);
      load.add(lanes.lane(site, i), i);
    }
  }

  private Lane lane(int number) {
    return loads.get(number % loads.size()).lanes().get(number / loads.size());
  }

  private Result run() throws IOException {
    watcher.begins(engine, plan.pace().isPresent());
    Optional<LocalServer> server = workload.server(); // while descriptors last
    workload
        .open(number -> lane(number).open(), progress, stop)
        .forEach(
            (kind, count) ->
                warnings.add(count + " connections could not be made at first: " + kind));

    long startNanos = System.nanoTime() + LEAD_NANOS;
    long fromNanos = startNanos + plan.warmup().toNanos();
    long toNanos = fromNanos + plan.duration().toNanos();
    all(load -> load.begin(plan, workload.lanes(), startNanos, fromNanos, toNanos));
    if (!plan.warmup().isZero()) {
      progress.phase("warming up");
    }
    stop.awaitUntil(fromNanos);
    errors.clear();
    try (Measurement measurement = measure(server)) {
      watcher.measures(measurement);
      return window(measurement, fromNanos, toNanos);
    }
  }

  private Measurement measure(Optional<LocalServer> server) {
    return new Measurement(
        loads.stream().map(LoopLoad::recorder).toList(),
        loads.stream().map(LoopLoad::loop).toList(),
        plan.pace().isPresent(),
        errors,
        server,
        directory);
  }

  private Result window(Measurement measurement, long fromNanos, long toNanos) throws IOException {
    long tick = fromNanos + TICK_NANOS;
    while (tick - toNanos < 0 && !stop.awaitUntil(tick)) {
      progress.update(measurement.tick());
      tick += TICK_NANOS;
    }
    boolean interrupted = stop.awaitUntil(toNanos);
    long endedNanos = Math.min(System.nanoTime(), toNanos);
    all(LoopLoad::end);
    Measurement.Cost cost = measurement.cost();
    if (interrupted) {
      progress.update(measurement.end());
      return result(measurement, cost, tally(), endedNanos - fromNanos, true);
    }
    boolean lost = tally().refused() == workload.lanes();
    LoopLoad.Tally tally = grace(toNanos + graceNanos());
    errors.add(ErrorCounts.UNANSWERED, tally.pending());
    // Late answers of an open loop are in the result, so the time that they took is as well.
    long lastNanos = Math.max(toNanos, tally.lastNanos());
    progress.update(measurement.end());
    return result(measurement, cost, tally, lastNanos - fromNanos, lost);
  }

  /** Long enough for the last request to be given up by its own time-out. */
  private long graceNanos() {
    return workload
        .timeout()
        .map(limit -> Math.max(GRACE_NANOS, limit.toNanos() + limit.toNanos() / 5))
        .orElse(GRACE_NANOS);
  }

  private LoopLoad.Tally grace(long deadlineNanos) {
    LoopLoad.Tally tally = tally();
    while (tally.pending() > 0
        && System.nanoTime() - deadlineNanos < 0
        && !stop.awaitUntil(System.nanoTime() + GRACE_POLL_NANOS)) {
      tally = tally();
    }
    return tally;
  }

  private LoopLoad.Tally tally() {
    LoopLoad.Tally sum = LoopLoad.Tally.NONE;
    for (LoopLoad load : loads) {
      sum = sum.plus(load.tally().awaitUninterruptibly().getNow());
    }
    return sum;
  }

  private void all(Function<LoopLoad, Future<?>> order) {
    List<? extends Future<?>> orders = loads.stream().map(order).toList();
    orders.forEach(Future::syncUninterruptibly);
  }

  private Result result(
      Measurement measurement,
      Measurement.Cost cost,
      LoopLoad.Tally tally,
      long nanos,
      boolean partial) {
    boolean open = plan.pace().isPresent();
    double seconds = Math.max(0, nanos / 1e9);
    long requests = measurement.latency().getTotalCount();
    double rate = seconds > 0 ? requests / seconds : 0;
    warnings.ofErrors(measurement.errors());
    warnings.ofIgnored(tally.ignored());
    warnings.ofLag(cost, open);
    if (!workload.isOwnWork()) {
      warnings.ofCpuShare(cost);
    }
    warnings.ofTicks(tally.ticks(), tally.lateTicks());
    if (open && !partial) {
      RunPlan.Pace pace = plan.pace().get();
      warnings.ofRate(pace.rate(), pace.arrivals() == Arrivals.POISSON, rate, seconds);
    }
    return new Result(
        Result.SCHEMA,
        directory.runId(),
        directory.startedAt().toString(),
        partial,
        workload.name(),
        engine.transport().toString(),
        "handler",
        config(),
        host,
        seconds,
        requests,
        rate,
        seconds > 0 ? measurement.bytes() / seconds : 0,
        workload instanceof SocketWorkload sockets ? sockets.connections() : null,
        measurement.errors(),
        Latency.of(open ? Latency.INTENDED : Latency.SERVICE, measurement.latency()),
        open ? Latency.of(Latency.SERVICE, measurement.service()) : null,
        null,
        new Result.Cpu(cost.cpu().userNanos() / 1e9, cost.cpu().systemNanos() / 1e9),
        cost.serverCpuNanos().isPresent() ? cost.serverCpuNanos().getAsLong() / 1e9 : null,
        null,
        new Result.Health(cost.lagP99Nanos() / 1e9, cost.cpuShare(), tally.lateTicks()),
        warnings.list());
  }

  private Map<String, Object> config() {
    EngineOptions options = engine.options();
    Map<String, Object> config = new LinkedHashMap<>(workload.config());
    config.putAll(lanes.config());
    plan.pace()
        .ifPresent(
            pace -> {
              config.put("rate", pace.rate());
              config.put("arrivals", pace.arrivals().toString());
              config.put("seed", pace.seed());
            });
    config.put("warmup_seconds", plan.warmup().toNanos() / 1e9);
    config.put("duration_seconds", plan.duration().toNanos() / 1e9);
    config.put("loops", options.loops());
    options.pin().map(CpuSet::toString).ifPresent(cpus -> config.put("pin", cpus));
    return config;
  }
}
