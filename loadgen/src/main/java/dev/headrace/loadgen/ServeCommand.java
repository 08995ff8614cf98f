package dev.headrace.loadgen;

import dev.headrace.Engine;
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
import java.nio.file.Files;
import java.nio.file.Path;
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
        .addSubcommand(new HttpCommand(session))
        .addSubcommand(new ProxyCommand(session));
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

    @Mixin private final ServeFlags flags;

    StyleFlags(String service) {
      flags = new ServeFlags(service);
    }

    Api api() {
      return api;
    }

    ServeFlags flags() {
      return flags;
    }

    int serve(Session session, ServeFlags.Service handlers, Streams streams) throws IOException {
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

  interface Streams {
    StreamService<SocketStream> on(Engine engine);
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
      ServeFlags flags = style.flags;
      if (flags.bind().isUnix()) {
        throw new WrongValue("--bind is " + flags.bind().text() + ": UDP needs HOST:PORT");
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
    @Mixin private final ServeFlags flags = new ServeFlags("http");

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
