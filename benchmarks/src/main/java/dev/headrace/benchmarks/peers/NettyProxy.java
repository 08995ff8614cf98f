package dev.headrace.benchmarks.peers;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import java.net.InetSocketAddress;

/**
 * The peer "Netty with its defaults": a TCP proxy on one loop, each connection with one of its own
 * to the upstream on the same loop. Arguments: {@code io_uring|epoll PORT UPSTREAM_PORT}.
 */
public final class NettyProxy {
  private NettyProxy() {}

  /** Runs until it is killed. */
  public static void main(String[] arguments) throws InterruptedException {
    boolean ring = arguments[0].equals("io_uring");
    IoHandlerFactory handlers = ring ? IoUringIoHandler.newFactory() : EpollIoHandler.newFactory();
    Class<? extends ServerChannel> listening =
        ring ? IoUringServerSocketChannel.class : EpollServerSocketChannel.class;
    Class<? extends Channel> connecting =
        ring ? IoUringSocketChannel.class : EpollSocketChannel.class;
    InetSocketAddress upstream = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[2]));
    Channel server =
        new ServerBootstrap()
            .group(new MultiThreadIoEventLoopGroup(1, handlers))
            .channel(listening)
            .option(ChannelOption.SO_BACKLOG, 4096)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.AUTO_READ, false) // until there is somebody to pass it on to
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel client) {
                    connect(client, connecting, upstream);
                  }
                })
            .bind("127.0.0.1", Integer.parseInt(arguments[1]))
            .sync()
            .channel();
    System.out.println(
        "listening on 127.0.0.1:" + ((InetSocketAddress) server.localAddress()).getPort());
    server.closeFuture().sync();
  }

  private static void connect(
      Channel client, Class<? extends Channel> connecting, InetSocketAddress upstream) {
    ChannelFuture connected =
        new Bootstrap()
            .group(client.eventLoop())
            .channel(connecting)
            .option(ChannelOption.TCP_NODELAY, true)
            .handler(new Pass(client))
            .connect(upstream);
    client.pipeline().addLast(new Pass(connected.channel()));
    connected.addListener(
        done -> {
          if (done.isSuccess()) {
            client.config().setAutoRead(true);
          } else {
            client.close();
          }
        });
  }

  /** One direction: what is read here is handed to the other side, as it is. */
  private static final class Pass extends ChannelInboundHandlerAdapter {
    private final Channel other;

    Pass(Channel other) {
      this.other = other;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      other.write(message, other.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      other.flush();
    }

    /** Bytes for this side pile up, or have gone again. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      other.config().setAutoRead(context.channel().isWritable());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
