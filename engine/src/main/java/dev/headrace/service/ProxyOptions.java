package dev.headrace.service;

import dev.headrace.IoFailure;
import dev.headrace.net.StreamLimits;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * How a {@link Proxy} forwards.
 *
 * @param upstreams whom to forward to, in turn; one at least, each with its host looked up and a
 *     port, or a Unix socket
 * @param connectTimeout how long one client may wait for an upstream, all attempts together; more
 *     than zero, a day at most. An attempt may take its even share of what is left, so that one
 *     host that does not answer leaves time for the next
 * @param limits how long a pair of connections may be idle and live; one over a limit is reset on
 *     both sides, up to a quarter of the limit late
 * @param proxyProtocol whether upstreams are told whom the proxy speaks for
 * @param failuresBeforeRest how many connections in a row must fail for an upstream to rest; at
 *     least 1. A sole upstream never rests
 * @param rest how long it is passed over then, before it is tried again by one client; zero is not
 *     at all, a day at most
 */
public record ProxyOptions(
    List<SocketAddress> upstreams,
    Duration connectTimeout,
    StreamLimits limits,
    ProxyProtocol proxyProtocol,
    int failuresBeforeRest,
    Duration rest) {
  /** How long a client waits for an upstream: five seconds. */
  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** How long an upstream that fails is passed over: ten seconds. */
  public static final Duration DEFAULT_REST = Duration.ofSeconds(10);

  private static final Duration LONGEST = Duration.ofDays(1);

  /** Checks all of it. */
  public ProxyOptions {
    upstreams = List.copyOf(upstreams);
    if (upstreams.isEmpty()) {
      throw new IllegalArgumentException("there is no upstream: name one at least");
    }
    upstreams.forEach(ProxyOptions::check);
    check("connectTimeout", connectTimeout);
    if (connectTimeout.isZero()) {
      throw new IllegalArgumentException(
          "connectTimeout is " + connectTimeout + ": it must be more than zero");
    }
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(proxyProtocol, "proxyProtocol");
    if (failuresBeforeRest < 1) {
      throw new IllegalArgumentException(
          "failuresBeforeRest is " + failuresBeforeRest + ": it must be 1 or more");
    }
    check("rest", rest);
  }

  private static void check(SocketAddress upstream) {
    if (upstream instanceof InetSocketAddress inet
        && (inet.isUnresolved() || inet.getPort() == 0)) {
      throw new IllegalArgumentException(
          "upstream "
              + IoFailure.text(upstream)
              + (inet.isUnresolved()
                  ? " is not looked up: resolve its host first"
                  : " has no port: name the one that it listens on"));
    }
  }

  private static void check(String name, Duration value) {
    if (Objects.requireNonNull(value, name).isNegative() || value.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(name + " is " + value + ": it must be 0 to " + LONGEST);
    }
  }

  /**
   * Forwards to these, in turn, with the defaults: {@link #DEFAULT_CONNECT_TIMEOUT}, no limits, no
   * header, a rest of {@link #DEFAULT_REST} after one failure.
   *
   * @param upstreams one at least
   * @return the options
   * @throws IllegalArgumentException when there is none, or one has an unresolved host or port 0
   */
  public static ProxyOptions to(SocketAddress... upstreams) {
    return to(List.of(upstreams));
  }

  /** The same. */
  public static ProxyOptions to(List<? extends SocketAddress> upstreams) {
    return new ProxyOptions(
        List.copyOf(upstreams),
        DEFAULT_CONNECT_TIMEOUT,
        StreamLimits.NONE,
        ProxyProtocol.NONE,
        1,
        DEFAULT_REST);
  }

  /** The same with another time for a client to get an upstream. */
  public ProxyOptions connectTimeout(Duration timeout) {
    return new ProxyOptions(upstreams, timeout, limits, proxyProtocol, failuresBeforeRest, rest);
  }

  /** The same with limits. */
  public ProxyOptions limits(StreamLimits others) {
    return new ProxyOptions(
        upstreams, connectTimeout, others, proxyProtocol, failuresBeforeRest, rest);
  }

  /** The same with a header. */
  public ProxyOptions proxyProtocol(ProxyProtocol header) {
    return new ProxyOptions(upstreams, connectTimeout, limits, header, failuresBeforeRest, rest);
  }

  /** The same with another number of failures before an upstream rests. */
  public ProxyOptions failuresBeforeRest(int failures) {
    return new ProxyOptions(upstreams, connectTimeout, limits, proxyProtocol, failures, rest);
  }

  /** The same with another rest. */
  public ProxyOptions rest(Duration length) {
    return new ProxyOptions(
        upstreams, connectTimeout, limits, proxyProtocol, failuresBeforeRest, length);
  }
}
