package dev.headrace;

import dev.headrace.internal.transport.ChannelTransport;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketProtocolFamily;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Makes Netty's bootstraps for one transport, tuned.
 *
 * @param options of the engine
 * @param transport whose channels they make
 * @param acceptFaults the handler of listening sockets
 */
record Bootstraps(EngineOptions options, ChannelTransport transport, AcceptFaults acceptFaults) {
  ServerBootstrap server(EventLoopGroup loops, SocketAddress local) {
    ServerBootstrap bootstrap = new ServerBootstrap().group(loops).handler(acceptFaults);
    ChannelTransport.common(bootstrap, options, local instanceof InetSocketAddress);
    transport.prepare(bootstrap, local);
    return bootstrap;
  }

  Bootstrap client(EventLoopGroup loops, SocketAddress remote) {
    Bootstrap bootstrap = new Bootstrap().group(loops);
    ChannelTransport.common(bootstrap, options, remote instanceof InetSocketAddress);
    transport.prepare(bootstrap, remote);
    return bootstrap;
  }

  /** For a Unix stream socket that is connected already. */
  Bootstrap connected(EventLoop loop, int descriptor) {
    Bootstrap bootstrap = new Bootstrap().group(loop);
    ChannelTransport.common(bootstrap, options, false);
    return transport.prepareConnected(bootstrap, descriptor);
  }

  Bootstrap datagrams(EventLoopGroup loops, SocketAddress local) {
    if (!(local instanceof InetSocketAddress inet) || inet.isUnresolved()) {
      throw new IllegalArgumentException(
          IoFailure.text(local) + " is no resolved address of a host and a port: UDP needs one");
    }
    SocketProtocolFamily family =
        inet.getAddress() instanceof Inet6Address
            ? SocketProtocolFamily.INET6
            : SocketProtocolFamily.INET;
    Bootstrap bootstrap = new Bootstrap().group(loops).localAddress(local);
    bootstrap.channelFactory(transport.datagrams(family));
    ChannelTransport.datagrams(bootstrap);
    return bootstrap;
  }

  /**
   * What a channel is made of.
   *
   * @param handler the application's
   * @param last takes what that does not handle
   */
  static ChannelInitializer<Channel> pipeline(ChannelHandler handler, ChannelHandler last) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel.pipeline().addLast(handler).addLast(last);
      }
    };
  }
}
