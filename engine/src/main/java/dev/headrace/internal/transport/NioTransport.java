package dev.headrace.internal.transport;

import dev.headrace.EngineOptions;
import dev.headrace.Transport;
import dev.headrace.TransportReport;
import dev.headrace.buffer.BufferPool;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Map;

/** The JDK's selectors: on every system, for when nothing better is offered. */
final class NioTransport implements ChannelTransport {
  @Override
  public Transport kind() {
    return Transport.NIO;
  }

  @Override
  public TransportReport.Entry probe() {
    return TransportReport.Entry.available(kind(), Map.of());
  }

  @Override
  public IoHandlerFactory handlerFactory(
      BufferPool pool, DirectSockets sockets, EngineOptions options) {
    return NioIoHandler.newFactory();
  }

  @Override
  public void prepare(ServerBootstrap bootstrap, SocketAddress local) {
    bootstrap
        .channel(
            local instanceof UnixDomainSocketAddress
                ? NioServerDomainSocketChannel.class
                : NioServerSocketChannel.class)
        .localAddress(local)
        .childOption(ChannelOption.RECVBUF_ALLOCATOR, PoolRecvAllocator.INSTANCE);
  }

  @Override
  public void prepare(Bootstrap bootstrap, SocketAddress remote) {
    bootstrap
        .channel(
            remote instanceof UnixDomainSocketAddress
                ? NioDomainSocketChannel.class
                : NioSocketChannel.class)
        .remoteAddress(remote)
        .option(ChannelOption.RECVBUF_ALLOCATOR, PoolRecvAllocator.INSTANCE);
  }

  @Override
  public ChannelFactory<? extends DatagramChannel> datagrams(SocketProtocolFamily family) {
    return () -> new NioDatagramChannel(family);
  }
}
