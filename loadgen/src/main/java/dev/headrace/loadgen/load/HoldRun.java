package dev.headrace.loadgen.load;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.IoFailure;
import dev.headrace.loadgen.Interruption;
import dev.headrace.loadgen.measure.ErrorCounts;
import dev.headrace.loadgen.measure.LocalServer;
import dev.headrace.loadgen.measure.LoopRecorder;
import dev.headrace.loadgen.measure.Measurement;
import dev.headrace.loadgen.measure.ServerHeap;
import dev.headrace.loadgen.measure.Watcher;
import dev.headrace.loadgen.report.Host;
import dev.headrace.loadgen.report.Latency;
import dev.headrace.loadgen.report.Progress;
import dev.headrace.loadgen.report.Result;
import dev.headrace.loadgen.report.RunDirectory;
import dev.headrace.loadgen.report.Warnings;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Opens connections and holds them: how many, how fast, and what each costs a server of ours.
 *
 * <pre>
 *   trial connections ─▶ heap before ─▶ open all ─▶ heap with them ─▶ hold ─▶ result
 *   (closed again: the server's
 *    first ones cost more)
 * </pre>
 */
public final class HoldRun {
  private static final int TRIALS = 64;
  private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final int QUIET_LOOKS = 20;
  private static final long ACCEPT_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final SocketAddress target;
  private final int count;
  private final Engine engine;
  private final RunDirectory directory;
  private final Progress progress;
  private final Interruption stop;
  private final Watcher watcher;
  private final ErrorCounts errors = new ErrorCounts();
  private final Warnings warnings = new Warnings();
  private final Host host = Host.here();
  private final Set<Channel> held = ConcurrentHashMap.newKeySet();
  private final List<Site> sites = new ArrayList<>();
  private final Loss loss = new Loss();

  private HoldRun(SocketAddress target, int count, Engine engine, RunContext context) {
    this.target = target;
    this.count = count;
    this.engine = engine;
    this.directory = context.directory();
    this.progress = context.progress();
    this.stop = context.stop();
    this.watcher = context.watcher();
    for (EventExecutor loop : engine.loops()) {
      sites.add(new Site(engine, (EventLoop) loop, false, new LoopRecorder(false), errors));
    }
  }

  /**
   * Runs; blocks until the result is there. Its logs are in the directory then, itself it is not:
   * who asked for the run may have more to say in it.
   *
   * @param target any listener
   * @param count how many connections
   * @param duration how long they are held
   * @param options of the generator's engine
   * @param context where it is kept, who watches, what ends it early
   * @return the result
   * @throws IOException when not a single connection can be made, or the directory not be written
   */
  public static Result run(
      SocketAddress target, int count, Duration duration, EngineOptions options, RunContext context)
      throws IOException {
    try (Engine engine = Engine.start(options)) {
      HoldRun run = new HoldRun(target, count, engine, context);
      try {
        return run.run(duration);
      } finally {
        run.release();
      }
    }
  }

  /** A held connection that ends is counted, once. */
  @Sharable
  private final class Loss extends ChannelInboundHandlerAdapter {
    private volatile boolean releasing;

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (held.remove(context.channel()) && !releasing) {
        errors.add(IoFailure.kindOf(cause), 1);
      }
      context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (!releasing && held.remove(context.channel())) {
        errors.add(ErrorCounts.CLOSED, 1);
      }
    }
  }

  private Result run(Duration duration) throws IOException {
    watcher.begins(engine, false);
    progress.phase("connecting");
    Optional<LocalServer> server = LocalServer.find(target);
    try (ServerHeap heap = server.map(this::attach).orElse(null)) {
      OptionalLong descriptors = descriptors(server);
      new Opening(target).run(Math.min(count, TRIALS), this::open, stop);
      release();
      await(() -> descriptors(server).orElse(0) <= descriptors.orElse(0));
      awaitQuiet(server);
      return measured(duration, server, Optional.ofNullable(heap));
    }
  }

  /** Null where that is not allowed. */
  private ServerHeap attach(LocalServer server) {
    try {
      return ServerHeap.attach(server);
    } catch (IOException e) {
      warnings.add("the server's heap cannot be read: " + e.getMessage());
      return null;
    }
  }

  private Result measured(
      Duration duration, Optional<LocalServer> server, Optional<ServerHeap> heap)
      throws IOException {
    OptionalLong heapBefore = live(heap);
    OptionalLong residentBefore = resident(server);
    OptionalLong descriptorsBefore = descriptors(server);
    errors.clear();
    long began = System.nanoTime();
    for (Site site : sites) {
      site.loop().submit(() -> site.recorder().window(began, Long.MAX_VALUE)).syncUninterruptibly();
    }
    try (Measurement measurement =
        new Measurement(
            sites.stream().map(Site::recorder).toList(),
            sites.stream().map(Site::loop).toList(),
            false,
            errors,
            server,
            directory)) {
      watcher.measures(measurement);
      new Opening(target).run(count, this::open, stop);
      double connectSeconds = (System.nanoTime() - began) / 1e9;
      awaitAccepted(server, descriptorsBefore);
      Measurement.Cost cost = measurement.cost(); // of connecting, not of what follows
      int opened = held.size();
      progress.phase("holding " + opened + " connections");
      Result.Hold hold =
          new Result.Hold(
              opened,
              connectSeconds,
              each(heapBefore, live(heap), opened),
              each(residentBefore, resident(server), opened));
      boolean interrupted = hold(measurement, System.nanoTime() + duration.toNanos());
      return result(measurement, cost, hold, duration, interrupted || held.isEmpty());
    }
  }

  /** A connection that waits in the kernel's backlog costs its server nothing yet. */
  private void awaitAccepted(Optional<LocalServer> server, OptionalLong before) {
    if (before.isPresent()
        && !await(() -> descriptors(server).orElse(0) - before.getAsLong() >= held.size())) {
      warnings.add(
          "the server has not accepted all "
              + held.size()
              + " connections: its memory is that of fewer");
    }
    awaitQuiet(server);
  }

  /** A proxy has accepted before it has connected to the server behind it. */
  private void awaitQuiet(Optional<LocalServer> server) {
    Quiet quiet = new Quiet();
    if (server.isPresent() && !await(() -> quiet.at(descriptors(server).orElse(0)))) {
      warnings.add("the server goes on opening or closing descriptors: its memory is in motion");
    }
  }

  /** Whether a number has been the same for some looks. */
  private static final class Quiet {
    private long last = -1;
    private int looks;

    boolean at(long now) {
      looks = now == last ? looks + 1 : 0;
      last = now;
      return looks >= QUIET_LOOKS;
    }
  }

  /** Whether it has come true, before patience or the run ended. */
  private boolean await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + ACCEPT_PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0
          || stop.awaitUntil(System.nanoTime() + LOOK_AGAIN_NANOS)) {
        return false;
      }
    }
    return true;
  }

  private static OptionalLong descriptors(Optional<LocalServer> server) {
    return server.map(LocalServer::openDescriptors).orElse(OptionalLong.empty());
  }

  private static OptionalLong live(Optional<ServerHeap> heap) {
    return heap.isPresent() ? OptionalLong.of(heap.get().liveBytes()) : OptionalLong.empty();
  }

  private static OptionalLong resident(Optional<LocalServer> server) {
    return server.isPresent() ? server.get().residentBytes() : OptionalLong.empty();
  }

  private static Double each(OptionalLong before, OptionalLong with, int connections) {
    return before.isPresent() && with.isPresent() && connections > 0
        ? (with.getAsLong() - before.getAsLong()) / (double) connections
        : null;
  }

  private boolean hold(Measurement measurement, long untilNanos) throws IOException {
    long tick = System.nanoTime() + TICK_NANOS;
    while (tick - untilNanos < 0 && !stop.awaitUntil(tick)) {
      progress.update(measurement.tick());
      tick += TICK_NANOS;
    }
    boolean interrupted = stop.awaitUntil(untilNanos);
    progress.update(measurement.end());
    return interrupted;
  }

  private Future<?> open(int number) {
    Site site = sites.get(number % sites.size());
    Bootstrap bootstrap = site.bootstrap(target).handler(loss);
    if (target instanceof InetSocketAddress) {
      bootstrap.option(ChannelOption.SO_LINGER, 0); // a reset leaves no port in TIME_WAIT
    }
    long began = System.nanoTime();
    return bootstrap
        .connect()
        .addListener(
            (ChannelFuture done) -> {
              if (done.isSuccess()) {
                held.add(done.channel());
                site.recorder().closed(began, System.nanoTime(), 0);
              } else {
                errors.add(IoFailure.kindOf(done.cause()), 1);
              }
            });
  }

  /** Closes what is held. */
  private void release() {
    loss.releasing = true;
    List<ChannelFuture> closing = held.stream().map(Channel::close).toList();
    closing.forEach(ChannelFuture::awaitUninterruptibly);
    held.clear();
    loss.releasing = false;
  }

  private Result result(
      Measurement measurement,
      Measurement.Cost cost,
      Result.Hold hold,
      Duration duration,
      boolean partial) {
    long requests = measurement.latency().getTotalCount();
    warnings.ofErrors(measurement.errors());
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("target", IoFailure.text(target));
    config.put("hold", count);
    config.put("duration_seconds", duration.toNanos() / 1e9);
    config.put("loops", engine.options().loops());
    engine.options().pin().ifPresent(cpus -> config.put("pin", cpus.toString()));
    return new Result(
        Result.SCHEMA,
        directory.runId(),
        directory.startedAt().toString(),
        partial,
        "connect",
        engine.transport().toString(),
        "handler",
        config,
        host,
        hold.connectSeconds(),
        requests,
        requests / hold.connectSeconds(),
        0,
        hold.connections(),
        measurement.errors(),
        Latency.of(Latency.SERVICE, measurement.latency()),
        null,
        null,
        new Result.Cpu(cost.cpu().userNanos() / 1e9, cost.cpu().systemNanos() / 1e9),
        cost.serverCpuNanos().isPresent() ? cost.serverCpuNanos().getAsLong() / 1e9 : null,
        hold,
        new Result.Health(cost.lagP99Nanos() / 1e9, cost.cpuShare(), 0),
        warnings.list());
  }
}
