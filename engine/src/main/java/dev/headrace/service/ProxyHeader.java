package dev.headrace.service;

import dev.headrace.AbstractUnixAddress;
import dev.headrace.internal.transport.UnixAddresses;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;

/** Writes the PROXY protocol's header for a client. On the loop of both channels. */
final class ProxyHeader {
  private static final String UNKNOWN_V1 = "PROXY UNKNOWN\r\n";

  private ProxyHeader() {}

  /**
   * Writes it, and does not flush.
   *
   * @param version not {@link ProxyProtocol#NONE}
   * @param client whose addresses it tells
   * @param upstream is connected, and nothing was written to it
   */
  static void write(ProxyProtocol version, Channel client, Channel upstream) {
    // A Unix client's own end has no name: its path is the listener's.
    SocketAddress local =
        client.localAddress() instanceof InetSocketAddress || client.parent() == null
            ? client.localAddress()
            : client.parent().localAddress();
    HAProxyMessage message =
        message(version, UnixAddresses.of(client.remoteAddress()), UnixAddresses.of(local));
    if (message == null) {
      // Netty's encoder has no text for it: it takes the addresses that an unknown client lacks.
      upstream.write(ByteBufUtil.writeAscii(upstream.alloc(), UNKNOWN_V1), upstream.voidPromise());
      return;
    }
    upstream.pipeline().addLast(HAProxyMessageEncoder.INSTANCE);
    upstream.write(message, upstream.voidPromise());
    upstream.pipeline().remove(HAProxyMessageEncoder.INSTANCE);
  }

  /** What to encode; null for an unknown client in version 1. */
  static HAProxyMessage message(ProxyProtocol version, SocketAddress from, SocketAddress to) {
    boolean isText = version == ProxyProtocol.V1;
    HAProxyProtocolVersion number = isText ? HAProxyProtocolVersion.V1 : HAProxyProtocolVersion.V2;
    if (from instanceof InetSocketAddress source && to instanceof InetSocketAddress target) {
      InetAddress sourceHost = plain(source.getAddress());
      InetAddress targetHost = plain(target.getAddress());
      if (sourceHost != null && targetHost != null && isIpv4(sourceHost) == isIpv4(targetHost)) {
        return new HAProxyMessage(
            number,
            HAProxyCommand.PROXY,
            isIpv4(sourceHost) ? HAProxyProxiedProtocol.TCP4 : HAProxyProxiedProtocol.TCP6,
            sourceHost.getHostAddress(),
            targetHost.getHostAddress(),
            source.getPort(),
            target.getPort());
      }
    } else if (!isText && isUnixOrUnnamed(from) && UnixAddresses.isUnix(to)) {
      return new HAProxyMessage(
          number,
          HAProxyCommand.PROXY,
          HAProxyProxiedProtocol.UNIX_STREAM,
          path(from),
          path(to),
          0,
          0);
    }
    return isText
        ? null
        : new HAProxyMessage(
            number, HAProxyCommand.LOCAL, HAProxyProxiedProtocol.UNKNOWN, null, null, 0, 0);
  }

  /** Without a scope, and IPv4 where IPv6 only wraps it: a socket of both says so. */
  private static InetAddress plain(InetAddress address) {
    try {
      return address == null ? null : InetAddress.getByAddress(address.getAddress());
    } catch (UnknownHostException e) {
      throw new AssertionError("an address of an address's length", e);
    }
  }

  private static boolean isIpv4(InetAddress address) {
    return address instanceof Inet4Address;
  }

  private static boolean isUnixOrUnnamed(SocketAddress address) {
    return address == null || UnixAddresses.isUnix(address);
  }

  private static String path(SocketAddress address) {
    return switch (address) {
      case UnixDomainSocketAddress path -> path.getPath().toString();
      case AbstractUnixAddress name -> '\0' + name.name();
      case null, default -> "";
    };
  }
}
