package dev.headrace.child;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.IoFailure;
import dev.headrace.Transport;
import dev.headrace.TransportReport;
import dev.headrace.service.Discard;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Binds a privileged port, or connects until no local port is left, on every transport. */
final class Addresses {
  private Addresses() {}

  public static void main(String[] args) throws Exception {
    for (Transport transport : List.of(Transport.IO_URING, Transport.EPOLL, Transport.NIO)) {
      if (!TransportReport.ofThisHost().entry(transport).available()) {
        continue;
      }
      EngineOptions options = EngineOptions.builder().transport(transport).loops(1).build();
      try (Engine engine = Engine.start(options)) {
        String failure = args[0].equals("privileged") ? bindPort1(engine) : exhaust(engine);
        System.out.println(transport + ": " + failure);
      }
    }
  }

  private static String bindPort1(Engine engine) {
    try {
      Discard.serve(engine, new InetSocketAddress("127.0.0.1", 1));
      return "bound";
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  private static String exhaust(Engine engine) throws Exception {
    InetSocketAddress target = new InetSocketAddress("127.0.0.1", 7000);
    Discard.serve(engine, target);
    List<Channel> connected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ChannelFuture connecting =
          engine
              .bootstrap(target)
              .handler(new ChannelInboundHandlerAdapter())
              .connect()
              .awaitUninterruptibly();
      if (!connecting.isSuccess()) {
        // Reset, so that no port lingers in TIME_WAIT for the next transport.
        for (Channel channel : connected) {
          channel.config().setOption(io.netty.channel.ChannelOption.SO_LINGER, 0);
          channel.close().sync();
        }
        return IoFailure.of("connect", target, connecting.cause()).getMessage();
      }
      connected.add(connecting.channel());
    }
    return "never exhausted";
  }
}
