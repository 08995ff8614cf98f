package dev.headrace.service;

import dev.headrace.internal.loop.Cut;
import dev.headrace.linux.LinuxException;
import dev.headrace.linux.Sockets;
import dev.headrace.net.StreamLimits;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.unix.UnixChannel;

/** A client and its upstream that limits hold for. Confined to their loop. */
final class ProxyPair implements ChannelFutureListener {
  private final ProxyLoop loop;
  private final Channel client;
  private final Channel upstream;
  private final Relay toUpstream;
  private final Relay toClient;
  private final long sinceNanos = System.nanoTime();
  private long movedNanos = sinceNanos;
  private long movedBytes;
  private long unsentBytes;

  ProxyPair(ProxyLoop loop, Channel client, Channel upstream, Relay toUpstream, Relay toClient) {
    this.loop = loop;
    this.client = client;
    this.upstream = upstream;
    this.toUpstream = toUpstream;
    this.toClient = toClient;
  }

  /** Listens for its own end. */
  void begin() {
    client.closeFuture().addListener(this);
    upstream.closeFuture().addListener(this);
  }

  /** A side that has yet to send what it holds keeps the pair alive, and under its limits. */
  @Override
  public void operationComplete(ChannelFuture closed) {
    if (!client.isOpen() && !upstream.isOpen()) {
      loop.unwatch(this);
    }
  }

  /** Whether it has lasted too long, by what has moved since it was asked last. */
  boolean isOver(StreamLimits limits, long now) {
    long moved = toUpstream.bytes() + toClient.bytes();
    long unsent = unsentBytes(client) + unsentBytes(upstream);
    if (moved != movedBytes || unsent != unsentBytes) {
      movedBytes = moved;
      unsentBytes = unsent;
      movedNanos = now;
    }
    return isOver(limits.idle().toNanos(), now - movedNanos)
        || isOver(limits.lifetime().toNanos(), now - sinceNanos);
  }

  private static boolean isOver(long limitNanos, long nanos) {
    return limitNanos > 0 && nanos > limitNanos;
  }

  /** To the byte: a slow reader may take a part of one buffer only. */
  private static long unsentBytes(Channel channel) {
    ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
    return unsent == null
        ? 0
        : unsent.totalPendingWriteBytes() - unsent.currentProgress() + unsentByKernel(channel);
  }

  /** It may hold megabytes, and asks for more only when much of that is gone. */
  private static int unsentByKernel(Channel channel) {
    if (!(channel instanceof UnixChannel unix && channel.isOpen())) {
      return 0; // the JDK does not say it of its sockets
    }
    try {
      return Sockets.unsentBytes(unix.fd().intValue());
    } catch (LinuxException e) {
      return 0; // it is just ending
    }
  }

  void reset() {
    Cut.reset(client);
    Cut.reset(upstream);
  }

  @Override
  public String toString() {
    return client + " to " + upstream.remoteAddress();
  }
}
