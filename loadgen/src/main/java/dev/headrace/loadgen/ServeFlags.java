package dev.headrace.loadgen;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Listener;
import dev.headrace.Transport;
import dev.headrace.TransportReport;
import dev.headrace.loadgen.metrics.LiveServer;
import dev.headrace.loadgen.metrics.MetricsEndpoint;
import dev.headrace.loadgen.metrics.RunLabels;
import dev.headrace.loadgen.metrics.Source;
import dev.headrace.loadgen.report.RunId;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of all that is served, and the serving itself. */
final class ServeFlags {
  interface Bind<S> {
    S bind(Engine engine, SocketAddress local) throws IOException;
  }

  interface Tasks<S> {
    void serve(Engine engine, S socket) throws IOException;
  }

  interface Service {
    Listener listen(Engine engine, SocketAddress local) throws IOException;
  }

  private static final Source NOTHING_MORE = families -> {};

  @Option(
      names = "--bind",
      required = true,
      paramLabel = "HOST:PORT|unix:PATH",
      description = "Where to listen; port 0 takes a free port.",
      converter = Values.AddressText.class)
  private Address bind;

  @Mixin private EngineFlags engine;
  @Mixin private MetricsFlags metrics;

  private final String workload;

  ServeFlags(String service) {
    this.workload = "serve-" + service;
  }

  Address bind() {
    return bind;
  }

  /** UDP may have the same port. */
  private MetricsEndpoint openMetrics(Session session) throws IOException {
    return workload.equals("serve-udp") ? metrics.open(session) : metrics.open(session, bind);
  }

  int serve(Session session, Service service) throws IOException {
    return serve(session, service::listen, Listener::localAddress, serving -> NOTHING_MORE);
  }

  /** {@code more} is what the service has to tell of itself, beside its engine. */
  <S extends AutoCloseable> int serve(
      Session session,
      Bind<S> service,
      Function<S, SocketAddress> address,
      Function<S, Source> more)
      throws IOException {
    SocketAddress local = bind.resolve();
    try (MetricsEndpoint endpoint = openMetrics(session);
        Engine running = Engine.start(engine.options().build())) {
      S serving = service.bind(running, local); // the engine closes it, before it drains
      show(endpoint, running, running.transport(), ServeCommand.Api.handler, more.apply(serving));
      return serveUntilStopped(
          session, running, address.apply(serving), running.transport(), ServeCommand.Api.handler);
    }
  }

  private void show(
      MetricsEndpoint endpoint,
      Engine running,
      Transport transport,
      ServeCommand.Api api,
      Source more) {
    endpoint.show(
        new RunLabels(RunId.of(workload, Instant.now()), workload, transport.toString()),
        new LiveServer(api.toString(), running, more));
  }

  <S extends AutoCloseable> int serveTasks(
      Session session,
      Bind<S> bound,
      Function<S, SocketAddress> address,
      Function<S, Transport> transport,
      Tasks<S> tasks)
      throws IOException {
    SocketAddress local = bind.resolve();
    try (MetricsEndpoint endpoint = openMetrics(session);
        Engine running = Engine.start(engine.options().build())) {
      TransportReport.Tasks report = running.report().tasks();
      if (!report.carried()) {
        session.err().println("headrace: tasks run on the JDK's scheduler: " + report.reason());
      }
      S socket = bound.bind(running, local); // the engine closes it, once it has drained
      show(endpoint, running, transport.apply(socket), ServeCommand.Api.stream, NOTHING_MORE);
      CompletableFuture<Throwable> failed = new CompletableFuture<>();
      running
          .spawn(() -> tasks.serve(running, socket))
          .completion()
          .whenComplete(
              (served, failure) -> {
                if (failure != null && !session.stop().isRequested()) {
                  failed.complete(failure);
                  session.stop().request();
                }
              });
      int status =
          serveUntilStopped(
              session,
              running,
              address.apply(socket),
              transport.apply(socket),
              ServeCommand.Api.stream);
      if (failed.isDone()) {
        throw new IOException("serving failed: " + failed.join(), failed.join());
      }
      return status;
    }
  }

  private static int serveUntilStopped(
      Session session,
      Engine running,
      SocketAddress local,
      Transport transport,
      ServeCommand.Api api) {
    session
        .out()
        .println(
            "listening on "
                + IoFailure.text(local)
                + " transport="
                + transport
                + " loops="
                + running.options().loops()
                + " api="
                + api);
    session.out().flush();
    session.stop().await();
    return Main.GOOD;
  }
}
