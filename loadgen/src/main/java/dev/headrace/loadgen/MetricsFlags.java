package dev.headrace.loadgen;

import dev.headrace.loadgen.metrics.MetricsEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where Prometheus may ask. */
final class MetricsFlags {
  @Option(
      names = "--metrics",
      paramLabel = "HOST:PORT",
      description = "Serves /metrics to Prometheus there; port 0 takes a free port.",
      converter = Values.TcpAddress.class)
  private Address metrics;

  /** Starts the endpoint and says where it is; without the option it is one that nobody can ask. */
  MetricsEndpoint open(Session session) throws IOException {
    if (metrics == null) {
      return MetricsEndpoint.none();
    }
    MetricsEndpoint endpoint = MetricsEndpoint.open(metrics);
    endpoint.url().ifPresent(url -> session.err().println("metrics on " + url));
    return endpoint;
  }

  /** As {@link #open(Session)}, beside what listens on TCP itself. */
  MetricsEndpoint open(Session session, Address beside) throws IOException {
    WrongValue.check(
        metrics == null || !clash(beside, metrics),
        "--bind and --metrics are both port %d: give --metrics another, or 0 for a free one"
            .formatted(beside.port()));
    return open(session);
  }

  private static boolean clash(Address one, Address other) {
    if (one.isUnix() || one.port() == 0 || one.port() != other.port()) {
      return false;
    }
    InetAddress here = new InetSocketAddress(one.host(), 0).getAddress();
    InetAddress there = new InetSocketAddress(other.host(), 0).getAddress();
    return here != null
        && there != null
        && (here.equals(there) || here.isAnyLocalAddress() || there.isAnyLocalAddress());
  }

  /** Of what ends by itself. */
  static final class OfRun {
    @Mixin private MetricsFlags endpoint;

    @Option(
        names = "--metrics-linger",
        paramLabel = "TIME",
        description =
            "With --metrics: a run that is over waits so long for a scrape of its last numbers,"
                + " and ends with it. Default: 15s where it was scraped before, else 0s.",
        converter = Values.Time.class)
    private Duration linger;

    MetricsEndpoint open(Session session) throws IOException {
      WrongValue.check(
          linger == null || endpoint.metrics != null, "--metrics-linger needs --metrics");
      return endpoint.open(session);
    }

    Optional<Duration> linger() {
      return Optional.ofNullable(linger);
    }
  }
}
