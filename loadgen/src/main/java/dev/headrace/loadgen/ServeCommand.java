package dev.headrace.loadgen;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Listener;
import dev.headrace.TransportReport;
import dev.headrace.io.Streams;
import dev.headrace.net.SocketStream;
import dev.headrace.net.StreamListener;
import dev.headrace.net.StreamService;
import dev.headrace.service.Discard;
import dev.headrace.service.Echo;
import dev.headrace.service.Proxy;
import dev.headrace.service.UdpEcho;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.Callable;
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
        .addSubcommand(new ProxyCommand(session));
  }

  private interface Service {
    Listener listen(Engine engine, SocketAddress local) throws IOException;
  }

  /** In which style a service is written. */
  private enum Api {
    handler,
    stream
  }

  private static final class Flags {
    @Option(
        names = "--bind",
        required = true,
        paramLabel = "HOST:PORT|unix:PATH",
        description = "Where to listen; port 0 takes a free port.",
        converter = Values.AddressText.class)
    private Address bind;

    @Mixin private EngineFlags engine;

    int serve(Session session, Service service) throws IOException {
      SocketAddress local = bind.resolve();
      try (Engine running = Engine.start(engine.options().build());
          Listener listener = service.listen(running, local)) {
        return serveUntilStopped(session, running, listener.localAddress(), Api.handler);
      }
    }

    int serveStreams(Session session, StreamService<SocketStream> service) throws IOException {
      SocketAddress local = bind.resolve();
      try (Engine running = Engine.start(engine.options().build());
          StreamListener<?> listener = StreamListener.bind(running, local)) {
        TransportReport.Tasks tasks = running.report().tasks();
        if (!tasks.carried()) {
          session.err().println("headrace: tasks run on the JDK's scheduler: " + tasks.reason());
        }
        running.spawn(() -> listener.serve(service));
        return serveUntilStopped(session, running, listener.localAddress(), Api.stream);
      }
    }

    private static int serveUntilStopped(
        Session session, Engine running, SocketAddress local, Api api) {
      session
          .out()
          .println(
              "listening on "
                  + IoFailure.text(local)
                  + " transport="
                  + running.transport()
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
    @Mixin private Flags flags;

    @Option(
        names = "--api",
        paramLabel = "handler|stream",
        description = "Netty handlers, or blocking code on tasks (${DEFAULT-VALUE}).")
    private Api api = Api.handler;

    EchoCommand(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws IOException {
      return api == Api.handler
          ? flags.serve(session, Echo::serve)
          : flags.serveStreams(session, client -> Streams.copy(client, client));
    }
  }

  @Command(name = "discard", description = "Reads and forgets.", mixinStandardHelpOptions = true)
  private static final class DiscardCommand implements Callable<Integer> {
    private final Session session;
    @Mixin private Flags flags;

    DiscardCommand(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws IOException {
      return flags.serve(session, Discard::serve);
    }
  }

  @Command(
      name = "udp",
      description = "Sends back the datagrams that it receives, on one loop.",
      mixinStandardHelpOptions = true)
  private static final class UdpCommand implements Callable<Integer> {
    private final Session session;
    @Mixin private Flags flags;

    UdpCommand(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws IOException {
      if (flags.bind.isUnix()) {
        throw new WrongValue("--bind is " + flags.bind.text() + ": UDP needs HOST:PORT");
      }
      return flags.serve(session, UdpEcho::serve);
    }
  }

  @Command(
      name = "proxy",
      description = "Forwards connections to an upstream.",
      mixinStandardHelpOptions = true)
  private static final class ProxyCommand implements Callable<Integer> {
    private final Session session;
    @Mixin private Flags flags;

    @Option(
        names = "--upstream",
        required = true,
        paramLabel = "HOST:PORT|unix:PATH",
        description = "Whom to forward to.",
        converter = Values.AddressText.class)
    private Address upstream;

    ProxyCommand(Session session) {
      this.session = session;
    }

    @Override
    public Integer call() throws IOException {
      SocketAddress remote = upstream.resolveTarget();
      return flags.serve(session, (engine, local) -> Proxy.serve(engine, local, remote));
    }
  }
}
