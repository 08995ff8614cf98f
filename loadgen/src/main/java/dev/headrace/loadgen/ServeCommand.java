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
import dev.headrace.net.SocketStream;
import dev.headrace.net.StreamLimits;
import dev.headrace.net.StreamListener;
import dev.headrace.net.StreamService;
import dev.headrace.net.UdpSocket;
import dev.headrace.service.Discard;
import dev.headrace.service.Echo;
import dev.headrace.service.HttpFiles;
import dev.headrace.service.HttpHello;
import dev.headrace.service.UdpEcho;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code headrace serve}: a service until a signal comes. */
@Command(
    name = "serve",
    description = "Serves until SIGTERM or SIGINT, then drains.",
    mixinStandardHelpOptions = true)
final class ServeCommand {
  static CommandLine line(Session session) {
    return new CommandLine(new ServeCommand())
        .addSubcommand(new EchoCommand(session))
        .addSubcommand(new DiscardCommand(session))
        .addSubcommand(new UdpCommand(session))
        .addSubcommand(new HttpCommand(session))
        .addSubcommand(new ProxyCommand(session));
  }

  private interface Service {
    Listener listen(Engine engine, SocketAddress local) throws IOException;
  }

  /** In which style a service is written. */
  enum Api {
    handler,
    stream
  }

  /** For the services that are written in both styles. */
  static final class StyleFlags {
    @Option(
        names = "--api",
        paramLabel = "handler|stream",
        description = "Netty handlers, or blocking code on tasks (${DEFAULT-VALUE}).")
    private Api api = Api.handler;

    @Mixin private final Flags flags;

    StyleFlags(String service) {
      flags = new Flags(service);
    }

    Api api() {
      return api;
    }

    Flags flags() {
      return flags;
    }

    int serve(Session session, Service handlers, Streams streams) throws IOException {
      return api == Api.handler
          ? flags.serve(session, handlers)
          : flags.serveTasks(
              session,
              StreamListener::bind,
              StreamListener::localAddress,
              StreamListener::transport,
              (engine, listener) -> listener.serve(streams.on(engine)));
    }
  }

  interface Bind<S> {
    S bind(Engine engine, SocketAddress local) throws IOException;
  }

  interface Tasks<S> {
    void serve(Engine engine, S socket) throws IOException;
  }

  interface Streams {
    StreamService<SocketStream> on(Engine engine);
  }

  static final class Flags {
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

    Flags(String service) {
      this.workload = "serve-" + service;
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
      try (MetricsEndpoint endpoint = metrics.open(session);
          Engine running = Engine.start(engine.options().build())) {
        S serving = service.bind(running, local); // the engine closes it, before it drains
        show(endpoint, running, running.transport(), Api.handler, more.apply(serving));
        return serveUntilStopped(
            session, running, address.apply(serving), running.transport(), Api.handler);
      }
    }

    private void show(
        MetricsEndpoint endpoint, Engine running, Transport transport, Api api, Source more) {
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
      try (MetricsEndpoint endpoint = metrics.open(session);
          Engine running = Engine.start(engine.options().build())) {
        TransportReport.Tasks report = running.report().tasks();
        if (!report.carried()) {
          session.err().println("headrace: tasks run on the JDK's scheduler: " + report.reason());
        }
        S socket = bound.bind(running, local); // the engine closes it, once it has drained
        show(endpoint, running, transport.apply(socket), Api.stream, NOTHING_MORE);
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
                session, running, address.apply(socket), transport.apply(socket), Api.stream);
        if (failed.isDone()) {
          throw new IOException("serving failed: " + failed.join(), failed.join());
        }
        return status;
      }
    }

    private static int serveUntilStopped(
        Session session, Engine running, SocketAddress local, Transport transport, Api api) {
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

  @Command(
      name = "echo",
      description = "Sends back what it receives.",
      mixinStandardHelpOptions = true)
  private static final class EchoCommand implements Callable<Integer> {
    private final Session session;
    @Mixin private final StyleFlags flags = new StyleFlags("echo");

    EchoCommand(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws IOException {
      return flags.serve(session, Echo::serve, engine -> Echo.streamService());
    }
  }

  @Command(name = "discard", description = "Reads and forgets.", mixinStandardHelpOptions = true)
  private static final class DiscardCommand implements Callable<Integer> {
    private final Session session;
    @Mixin private final StyleFlags flags = new StyleFlags("discard");

    DiscardCommand(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws IOException {
      return flags.serve(session, Discard::serve, engine -> Discard.streamService());
    }
  }

  @Command(
      name = "udp",
      description = "Sends back the datagrams that it receives, on one loop.",
      mixinStandardHelpOptions = true)
  private static final class UdpCommand implements Callable<Integer> {
    private final Session session;
    @Mixin private final StyleFlags style = new StyleFlags("udp");

    UdpCommand(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws IOException {
      Flags flags = style.flags;
      if (flags.bind.isUnix()) {
        throw new WrongValue("--bind is " + flags.bind.text() + ": UDP needs HOST:PORT");
      }
      return style.api == Api.handler
          ? flags.serve(session, UdpEcho::serve)
          : flags.serveTasks(
              session,
              (engine, local) -> UdpSocket.bind(engine, (InetSocketAddress) local),
              UdpSocket::localAddress,
              UdpSocket::transport,
              (engine, socket) -> UdpEcho.echo(socket));
    }
  }

  @Command(
      name = "http",
      description =
          "Says hello by HTTP/1.1 at /, and sends N bytes at /bytes/N; or the files of a directory.",
      mixinStandardHelpOptions = true)
  private static final class HttpCommand implements Callable<Integer> {
    private final Session session;
    @Mixin private final Flags flags = new Flags("http");

    @Option(
        names = "--root",
        paramLabel = "DIR",
        description = "Serves the files under this directory, and nothing outside of it.")
    private Path root;

    HttpCommand(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws IOException {
      if (root == null) {
        return flags.serve(session, HttpHello::serve);
      }
      if (!Files.isDirectory(root)) {
        throw new WrongValue("--root is " + root + ": there is no such directory");
      }
      return flags.serveTasks(
          session,
          StreamListener::bind,
          StreamListener::localAddress,
          StreamListener::transport,
          (engine, listener) ->
              listener.serve(
                  HttpFiles.streamService(engine, root),
                  StreamLimits.idle(HttpHello.DEFAULT_LIMIT)));
    }
  }
}
