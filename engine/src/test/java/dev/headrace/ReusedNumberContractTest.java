package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.util.ReferenceCountUtil;
import java.io.FileInputStream;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A descriptor's number is another connection's as soon as the one that had it is closed. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(20)
class ReusedNumberContractTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;

  ReusedNumberContractTest(Transport transport) {
    this.transport = transport;
  }

  /**
   * In one turn of the loop the kernel tells of two connections. What the first one's handler does,
   * to close the second and to connect elsewhere, is not undone by what was told of the second.
   */
  @Test
  void whatWasToldOfAClosedConnectionDoesNotComeToTheNextOne() throws Exception {
    Engine engine = rig.start(transport, options -> options.loops(1));
    SocketAddress silent = fullBacklog().getLocalAddress();
    LinkedBlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    CompletableFuture<ChannelFuture> connecting = new CompletableFuture<>();
    List<Throwable> heard = new CopyOnWriteArrayList<>();
    ChannelInboundHandlerAdapter hears =
        new ChannelInboundHandlerAdapter() {
          @Override
          public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            heard.add(cause);
          }
        };
    ChannelInitializer<Channel> initializer =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            accepted.add(channel);
          }
        };
    Channel server = engine.serverBootstrap().childHandler(initializer).bind().sync().channel();
    takeNumbers(100);
    SocketChannel first = rig.closeLater(Wire.connect(server.localAddress()));
    Channel firstOne = accepted.take();
    SocketChannel second = rig.closeLater(Wire.connect(server.localAddress()));
    Channel secondOne = accepted.take();
    firstOne
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext context, Object message) {
                ReferenceCountUtil.release(message);
                secondOne.close();
                connecting.complete(
                    engine
                        .bootstrap(silent, context.channel().eventLoop())
                        .handler(hears)
                        .connect());
              }
            });

    CountDownLatch isHeld = new CountDownLatch(1);
    CountDownLatch told = new CountDownLatch(1);
    firstOne
        .eventLoop()
        .execute(
            () -> {
              isHeld.countDown();
              awaitUninterruptibly(told);
            });
    isHeld.await();
    Wire.send(first, new byte[1]);
    Wire.reset(second);
    takeNumbers(1); // that one's
    told.countDown();
    ChannelFuture connect = Rig.get(connecting);
    for (int turn = 0; turn < 3; turn++) {
      firstOne.eventLoop().submit(() -> {}).sync();
    }
    assertFalse(connect.isDone(), () -> connect + " though nobody has answered");
    assertEquals(List.of(), heard);
    connect.channel().close().sync();
  }

  /** The lowest free number is the next one's: where there are no gaps, it is the last closed. */
  private void takeNumbers(int count) throws Exception {
    for (int i = 0; i < count; i++) {
      rig.closeLater(new FileInputStream("/dev/null"));
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The kernel drops what comes when nobody accepts, and the connect goes on. */
  private ServerSocketChannel fullBacklog() throws Exception {
    ServerSocketChannel full = rig.closeLater(ServerSocketChannel.open().bind(Wire.ANY_PORT, 1));
    for (int i = 0; i < 2; i++) {
      rig.closeLater(Wire.connect(full.getLocalAddress()));
    }
    return full;
  }
}
