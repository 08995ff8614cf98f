package dev.headrace.benchmarks.peers;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.Transport;
import dev.headrace.service.Echo;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.channel.uring.IoUringChannelOption;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Scanner;

/**
 * The two ways to spread connections over loops: one acceptor that hands out in turn (what the
 * engine does), or a listener a loop with {@code SO_REUSEPORT} (what lost). Arguments: {@code
 * acceptor|reuseport LOOPS}. A line on standard input prints how many connections each loop has
 * had.
 */
public final class ReusePortEcho {
  private ReusePortEcho() {}

  /** Runs until standard input ends. */
  public static void main(String[] arguments) throws IOException {
    int loops = Integer.parseInt(arguments[1]);
    EngineOptions options =
        EngineOptions.builder().transport(Transport.IO_URING).loops(loops).build();
    try (Engine engine = Engine.start(options);
        Scanner input = new Scanner(System.in, "UTF-8")) {
      InetSocketAddress any = new InetSocketAddress("127.0.0.1", 0);
      int port =
          arguments[0].equals("acceptor")
              ? ((InetSocketAddress) Echo.serve(engine, any).localAddress()).getPort()
              : bindOnEveryLoop(engine, any);
      System.out.println("listening on 127.0.0.1:" + port);
      while (input.hasNextLine()) {
        input.nextLine();
        engine.stats().loops().forEach(loop -> System.out.print(loop.accepted() + " "));
        System.out.println();
      }
    }
  }

  private static int bindOnEveryLoop(Engine engine, InetSocketAddress first) {
    InetSocketAddress local = first;
    for (EventExecutor loop : engine.loops()) {
      Channel channel =
          new ServerBootstrap()
              .group((EventLoop) loop)
              .channel(IoUringServerSocketChannel.class)
              .option(UnixChannelOption.SO_REUSEPORT, true)
              .option(ChannelOption.SO_BACKLOG, 4096)
              .childOption(ChannelOption.TCP_NODELAY, true)
              .childOption(IoUringChannelOption.IO_URING_BUFFER_GROUP_ID, (short) 0)
              .childHandler(new NettyEcho.Echo())
              .bind(local)
              .syncUninterruptibly()
              .channel();
      local = (InetSocketAddress) channel.localAddress();
    }
    return local.getPort();
  }
}
