package dev.headrace.loadgen;

import dev.headrace.IoFailure;
import dev.headrace.loadgen.metrics.ProxySource;
import dev.headrace.net.StreamLimits;
import dev.headrace.net.StreamListener;
import dev.headrace.service.Proxy;
import dev.headrace.service.ProxyOptions;
import dev.headrace.service.ProxyProtocol;
import dev.headrace.service.ProxyStats;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code headrace serve proxy}: sums up what it has done when it ends. */
@Command(
    name = "proxy",
    description = "Forwards connections to upstreams, in turn.",
    mixinStandardHelpOptions = true)
final class ProxyCommand implements Callable<Integer> {
  private static final Duration LONGEST_WAIT = Duration.ofDays(1);

  private final Session session;
  @Mixin private final ServeCommand.StyleFlags style = new ServeCommand.StyleFlags("proxy");

  @Option(
      names = "--upstream",
      required = true,
      paramLabel = "HOST:PORT|unix:PATH",
      description = "Whom to forward to; several times for several, which take clients in turn.",
      converter = Values.AddressText.class)
  private List<Address> upstreams;

  @Option(
      names = "--connect-timeout",
      paramLabel = "TIME",
      description = "How long a client may wait for an upstream (5s).",
      converter = Values.Time.class)
  private Duration connectTimeout;

  @Option(
      names = "--idle",
      defaultValue = "0s",
      paramLabel = "TIME",
      description = "Ends pairs on which nothing moves for so long; 0s is never (0s).",
      converter = Values.Time.class)
  private Duration idle;

  @Option(
      names = "--lifetime",
      defaultValue = "0s",
      paramLabel = "TIME",
      description = "Ends pairs that are so old; 0s is never (0s).",
      converter = Values.Time.class)
  private Duration lifetime;

  @Option(
      names = "--proxy-protocol",
      paramLabel = "none|v1|v2",
      description = "Tells upstreams the client's address in a PROXY header (none).",
      converter = Values.ProxyProtocolLabel.class)
  private ProxyProtocol proxyProtocol;

  @Option(
      names = "--rest",
      paramLabel = "TIME",
      description = "How long an upstream that fails is passed over (10s).",
      converter = Values.Time.class)
  private Duration rest;

  ProxyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    check("--connect-timeout", connectTimeout);
    check("--rest", rest);
    WrongValue.check(
        connectTimeout == null || !connectTimeout.isZero(),
        "--connect-timeout is 0: it must be more than zero");
    return style.api() == ServeCommand.Api.handler ? serveByHandlers() : serveByTasks();
  }

  private static void check(String option, Duration value) {
    WrongValue.check(
        value == null || value.compareTo(LONGEST_WAIT) <= 0,
        option + " is longer than a day: take a shorter time");
  }

  private int serveByHandlers() throws IOException {
    ProxyOptions options = options();
    AtomicReference<Proxy> serving = new AtomicReference<>();
    int status =
        style
            .flags()
            .serve(
                session,
                (engine, local) -> {
                  serving.set(Proxy.serve(engine, local, options));
                  return serving.get();
                },
                Proxy::localAddress,
                ProxySource::new);
    session.err().println(summary(serving.get().stats()));
    return status;
  }

  private ProxyOptions options() throws IOException {
    List<SocketAddress> remotes = new ArrayList<>();
    for (Address upstream : upstreams) {
      remotes.add(upstream.resolveTarget());
    }
    ProxyOptions options = ProxyOptions.to(remotes).limits(new StreamLimits(idle, lifetime));
    if (connectTimeout != null) {
      options = options.connectTimeout(connectTimeout);
    }
    if (proxyProtocol != null) {
      options = options.proxyProtocol(proxyProtocol);
    }
    return rest == null ? options : options.rest(rest);
  }

  private int serveByTasks() throws IOException {
    lacks("more than one --upstream", upstreams.size() > 1);
    lacks("--connect-timeout", connectTimeout != null);
    lacks("--proxy-protocol", proxyProtocol != null && proxyProtocol != ProxyProtocol.NONE);
    lacks("--rest", rest != null);
    SocketAddress remote = upstreams.getFirst().resolveTarget();
    StreamLimits limits = new StreamLimits(idle, lifetime);
    return style
        .flags()
        .serveTasks(
            session,
            StreamListener::bind,
            StreamListener::localAddress,
            StreamListener::transport,
            (engine, listener) -> listener.serve(Proxy.streamService(engine, remote), limits));
  }

  private static void lacks(String option, boolean given) {
    WrongValue.check(!given, "--api stream has no " + option + ": use --api handler");
  }

  /** One line, for a person and for a script alike. */
  private static String summary(ProxyStats stats) {
    StringBuilder line =
        new StringBuilder("proxy:")
            .append(" connections=" + stats.accepted())
            .append(" to_upstream_bytes=" + stats.bytesToUpstream())
            .append(" to_client_bytes=" + stats.bytesToClient())
            .append(" refusals=" + stats.refusals())
            .append(" resets=" + stats.resets())
            .append(" limited=" + stats.limited());
    for (ProxyStats.Upstream upstream : stats.upstreams()) {
      line.append(' ' + IoFailure.text(upstream.address()) + '=' + upstream.connects());
      if (upstream.failures() > 0) {
        line.append("(" + upstream.failures() + " failed)");
      }
    }
    return line.toString();
  }
}
