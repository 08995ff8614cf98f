package dev.headrace.benchmarks.peers;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.net.InetSocketAddress;

/** The peer "Netty with its defaults": an echo on one loop. Arguments: TRANSPORT PORT. */
public final class NettyEcho {
  private NettyEcho() {}

  /** Runs until it is killed. */
  public static void main(String[] arguments) throws InterruptedException {
    IoHandlerFactory handlers;
    Class<? extends ServerChannel> channel;
    switch (arguments[0]) {
      case "io_uring" -> {
        handlers = IoUringIoHandler.newFactory();
        channel = IoUringServerSocketChannel.class;
      }
      case "epoll" -> {
        handlers = EpollIoHandler.newFactory();
        channel = EpollServerSocketChannel.class;
      }
      default -> {
        handlers = NioIoHandler.newFactory();
        channel = NioServerSocketChannel.class;
      }
    }
    Channel server =
        new ServerBootstrap()
            .group(new MultiThreadIoEventLoopGroup(1, handlers))
            .channel(channel)
            .option(ChannelOption.SO_BACKLOG, 4096)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(new Echo())
            .bind("127.0.0.1", Integer.parseInt(arguments[1]))
            .sync()
            .channel();
    System.out.println(
        "listening on 127.0.0.1:" + ((InetSocketAddress) server.localAddress()).getPort());
    server.closeFuture().sync();
  }

  @Sharable
  static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.write(message, context.voidPromise());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }
  }
}
