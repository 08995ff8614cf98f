package dev.headrace.net;

import static dev.headrace.linux.SocketOption.IPV6_MULTICAST_HOPS;
import static dev.headrace.linux.SocketOption.IPV6_MULTICAST_LOOP;
import static dev.headrace.linux.SocketOption.IPV6_TCLASS;
import static dev.headrace.linux.SocketOption.IPV6_UNICAST_HOPS;
import static dev.headrace.linux.SocketOption.IP_MULTICAST_TTL;
import static dev.headrace.linux.SocketOption.IP_TOS;
import static dev.headrace.linux.SocketOption.IP_TTL;
import static dev.headrace.linux.SocketOption.SO_BINDTODEVICE;
import static dev.headrace.linux.SocketOption.SO_BROADCAST;
import static dev.headrace.linux.SocketOption.SO_KEEPALIVE;
import static dev.headrace.linux.SocketOption.SO_LINGER;
import static dev.headrace.linux.SocketOption.SO_RCVBUF;
import static dev.headrace.linux.SocketOption.SO_REUSEADDR;
import static dev.headrace.linux.SocketOption.SO_REUSEPORT;
import static dev.headrace.linux.SocketOption.SO_SNDBUF;
import static dev.headrace.linux.SocketOption.TCP_FASTOPEN;
import static dev.headrace.linux.SocketOption.TCP_FASTOPEN_CONNECT;
import static dev.headrace.linux.SocketOption.TCP_KEEPCNT;
import static dev.headrace.linux.SocketOption.TCP_KEEPIDLE;
import static dev.headrace.linux.SocketOption.TCP_KEEPINTVL;
import static dev.headrace.linux.SocketOption.TCP_NODELAY;
import static dev.headrace.linux.SocketOption.TCP_QUICKACK;
import static dev.headrace.linux.SocketOption.TCP_USER_TIMEOUT;

import dev.headrace.linux.LinuxException;
import dev.headrace.linux.SocketOption;
import dev.headrace.linux.Sockets;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import jdk.net.ExtendedSocketOptions;

/**
 * The options of sockets. What is read back may differ from what was set where the kernel rounds,
 * caps or doubles. Where the JDK has none, the nio transport refuses with an {@link
 * UnsupportedOperationException}; those are {@link #TTL}, {@link #DEVICE}, {@link #USER_TIMEOUT},
 * {@link #FAST_OPEN_QUEUE} and {@link #FAST_OPEN_CONNECT}. On a dual-stack socket those of IP are
 * set for both families.
 */
public final class SocketOptions {
  /** Probes an idle TCP connection. */
  public static final Option<Boolean> KEEP_ALIVE =
      flag("KEEP_ALIVE", SO_KEEPALIVE, StandardSocketOptions.SO_KEEPALIVE);

  /** How long a TCP connection is idle before it is probed; whole seconds, 1 to 32,767. */
  public static final Option<Duration> KEEP_ALIVE_TIME =
      seconds("KEEP_ALIVE_TIME", TCP_KEEPIDLE, ExtendedSocketOptions.TCP_KEEPIDLE);

  /** From probe to probe; whole seconds, 1 to 32,767. */
  public static final Option<Duration> KEEP_ALIVE_INTERVAL =
      seconds("KEEP_ALIVE_INTERVAL", TCP_KEEPINTVL, ExtendedSocketOptions.TCP_KEEPINTERVAL);

  /** How many probes without an answer end the connection; 1 to 127. */
  public static final Option<Integer> KEEP_ALIVE_COUNT =
      number("KEEP_ALIVE_COUNT", TCP_KEEPCNT, ExtendedSocketOptions.TCP_KEEPCOUNT);

  /** Binds although connections of an earlier socket linger at that address; before binding. */
  public static final Option<Boolean> REUSE_ADDRESS =
      flag("REUSE_ADDRESS", SO_REUSEADDR, StandardSocketOptions.SO_REUSEADDR);

  /** Several sockets bind one address, and the kernel spreads what comes; before binding. */
  public static final Option<Boolean> REUSE_PORT =
      flag("REUSE_PORT", SO_REUSEPORT, StandardSocketOptions.SO_REUSEPORT);

  /** The kernel's send buffer in bytes; Linux doubles it, and caps it at net.core.wmem_max. */
  public static final Option<Integer> SEND_BUFFER =
      number("SEND_BUFFER", SO_SNDBUF, StandardSocketOptions.SO_SNDBUF);

  /** The kernel's receive buffer in bytes; Linux doubles it, and caps it at net.core.rmem_max. */
  public static final Option<Integer> RECEIVE_BUFFER =
      number("RECEIVE_BUFFER", SO_RCVBUF, StandardSocketOptions.SO_RCVBUF);

  /**
   * What closing does with bytes that are not sent. Empty: the kernel goes on sending. Zero: it
   * drops them and resets the connection. Else it sends for so many whole seconds.
   */
  public static final Option<Optional<Duration>> LINGER =
      new Option<>(
          "LINGER",
          new Option.Descriptor<>() {
            @Override
            public Optional<Duration> get(int fd) throws LinuxException {
              OptionalInt seconds = SO_LINGER.getLinger(fd);
              return seconds.isPresent()
                  ? Optional.of(Duration.ofSeconds(seconds.getAsInt()))
                  : Optional.empty();
            }

            @Override
            public void set(int fd, Optional<Duration> value) throws LinuxException {
              OptionalInt seconds =
                  value.isPresent()
                      ? OptionalInt.of(wholeSeconds(value.get()))
                      : OptionalInt.empty();
              SO_LINGER.setLinger(fd, seconds);
            }
          },
          new Option.Jdk<>(
              StandardSocketOptions.SO_LINGER,
              value -> value.map(SocketOptions::wholeSeconds).orElse(-1),
              seconds ->
                  seconds < 0 ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds))));

  /** Sends at once what is written; on from the start. */
  public static final Option<Boolean> NO_DELAY =
      flag("NO_DELAY", TCP_NODELAY, StandardSocketOptions.TCP_NODELAY);

  /** Acknowledges at once; the kernel turns it off again as it sees fit. */
  public static final Option<Boolean> QUICK_ACK =
      flag("QUICK_ACK", TCP_QUICKACK, ExtendedSocketOptions.TCP_QUICKACK);

  /** The byte of IPv4's type of service and of IPv6's traffic class; 0 to 255. */
  public static final Option<Integer> TRAFFIC_CLASS =
      new Option<>(
          "TRAFFIC_CLASS",
          ofBothFamilies(IP_TOS, IPV6_TCLASS),
          new Option.Jdk<>(StandardSocketOptions.IP_TOS, Function.identity(), Function.identity()));

  /** How many routers a packet passes, IPv6's hop limit as well; 1 to 255. */
  public static final Option<Integer> TTL =
      new Option<>("TTL", ofBothFamilies(IP_TTL, IPV6_UNICAST_HOPS), null);

  /** The one network interface that is used, by name; empty for any. */
  public static final Option<String> DEVICE =
      new Option<>(
          "DEVICE",
          new Option.Descriptor<>() {
            @Override
            public String get(int fd) throws LinuxException {
              return SO_BINDTODEVICE.getName(fd);
            }

            @Override
            public void set(int fd, String value) throws LinuxException {
              SO_BINDTODEVICE.setName(fd, value);
            }
          },
          null);

  /** How long what was sent may stay without an answer; whole milliseconds, 0 for the system's. */
  public static final Option<Duration> USER_TIMEOUT =
      new Option<>(
          "USER_TIMEOUT",
          mapped(
              TCP_USER_TIMEOUT,
              value -> Math.toIntExact(value.toMillis()),
              millis -> Duration.ofMillis(millis)),
          null);

  /** Of a listener: how many TCP fast-open requests may wait; 0 refuses them. */
  public static final Option<Integer> FAST_OPEN_QUEUE =
      nativeNumber("FAST_OPEN_QUEUE", TCP_FASTOPEN);

  /** Of a stream, before it is connected: the first bytes go with the handshake. */
  public static final Option<Boolean> FAST_OPEN_CONNECT =
      new Option<>("FAST_OPEN_CONNECT", flag(TCP_FASTOPEN_CONNECT), null);

  /** Of a UDP socket: it may send to broadcast addresses. */
  public static final Option<Boolean> BROADCAST =
      flag("BROADCAST", SO_BROADCAST, StandardSocketOptions.SO_BROADCAST);

  /** Of a UDP socket: what it sends to groups comes back to members on this host. */
  public static final Option<Boolean> MULTICAST_LOOP =
      new Option<>(
          "MULTICAST_LOOP",
          new Option.Descriptor<>() {
            @Override
            public Boolean get(int fd) throws LinuxException {
              return (Sockets.isIpv6(fd) ? IPV6_MULTICAST_LOOP : SocketOption.IP_MULTICAST_LOOP)
                      .get(fd)
                  != 0;
            }

            @Override
            public void set(int fd, Boolean value) throws LinuxException {
              if (Sockets.isIpv6(fd)) {
                IPV6_MULTICAST_LOOP.set(fd, value ? 1 : 0);
              }
              SocketOption.IP_MULTICAST_LOOP.set(fd, value ? 1 : 0);
            }
          },
          new Option.Jdk<>(
              StandardSocketOptions.IP_MULTICAST_LOOP, Function.identity(), Function.identity()));

  /** Of a UDP socket: how many routers what it sends to groups passes; 0 to 255. */
  public static final Option<Integer> MULTICAST_TTL =
      new Option<>(
          "MULTICAST_TTL",
          ofBothFamilies(IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS),
          new Option.Jdk<>(
              StandardSocketOptions.IP_MULTICAST_TTL, Function.identity(), Function.identity()));

  private SocketOptions() {}

  private static int wholeSeconds(Duration value) {
    return Math.toIntExact(value.toSeconds());
  }

  private static Option<Boolean> flag(
      String name, SocketOption option, java.net.SocketOption<Boolean> jdk) {
    return new Option<>(
        name, flag(option), new Option.Jdk<>(jdk, Function.identity(), Function.identity()));
  }

  private static Option.Descriptor<Boolean> flag(SocketOption option) {
    return mapped(option, value -> value ? 1 : 0, number -> number != 0);
  }

  private static Option<Integer> number(
      String name, SocketOption option, java.net.SocketOption<Integer> jdk) {
    return new Option<>(
        name,
        mapped(option, Function.identity(), Function.identity()),
        new Option.Jdk<>(jdk, Function.identity(), Function.identity()));
  }

  private static Option<Integer> nativeNumber(String name, SocketOption option) {
    return new Option<>(name, mapped(option, Function.identity(), Function.identity()), null);
  }

  private static Option<Duration> seconds(
      String name, SocketOption option, java.net.SocketOption<Integer> jdk) {
    return new Option<>(
        name,
        mapped(option, SocketOptions::wholeSeconds, seconds -> Duration.ofSeconds(seconds)),
        new Option.Jdk<>(jdk, SocketOptions::wholeSeconds, seconds -> Duration.ofSeconds(seconds)));
  }

  private static <T> Option.Descriptor<T> mapped(
      SocketOption option, Function<T, Integer> toKernel, Function<Integer, T> fromKernel) {
    return new Option.Descriptor<>() {
      @Override
      public T get(int fd) throws LinuxException {
        return fromKernel.apply(option.get(fd));
      }

      @Override
      public void set(int fd, T value) throws LinuxException {
        option.set(fd, toKernel.apply(value));
      }
    };
  }

  private static Option.Descriptor<Integer> ofBothFamilies(SocketOption ipv4, SocketOption ipv6) {
    return new Option.Descriptor<>() {
      @Override
      public Integer get(int fd) throws LinuxException {
        return (Sockets.isIpv6(fd) ? ipv6 : ipv4).get(fd);
      }

      @Override
      public void set(int fd, Integer value) throws LinuxException {
        if (Sockets.isIpv6(fd)) {
          ipv6.set(fd, value);
        }
        ipv4.set(fd, value);
      }
    };
  }
}
