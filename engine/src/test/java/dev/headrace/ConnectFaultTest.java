package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.fixture.Await;
import dev.headrace.fixture.Logs;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.service.Echo;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class ConnectFaultTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private Engine engine;

  ConnectFaultTest(Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() {
    engine = rig.start(transport);
  }

  private IoFailure connectingFails(SocketAddress address) {
    ChannelFuture connecting =
        engine
            .bootstrap(address)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 200)
            .handler(new ChannelInboundHandlerAdapter())
            .connect()
            .awaitUninterruptibly();
    Await.until("the channel is closed", () -> !connecting.channel().isOpen());
    return IoFailure.of("connect", address, connecting.cause());
  }

  @Test
  void aRefusedConnectionSaysThatNothingListens() throws Exception {
    ServerSocketChannel closed = Wire.listen(Wire.ANY_PORT);
    SocketAddress address = closed.getLocalAddress();
    closed.close();
    assertEquals(
        "connect "
            + IoFailure.text(address)
            + ": ECONNREFUSED (Connection refused): nothing listens there",
        connectingFails(address).getMessage());
  }

  @Test
  void aPathThatIsNotThereSaysSo() {
    IoFailure failure = connectingFails(UnixDomainSocketAddress.of(Path.of("no", "such.sock")));
    assertEquals("ENOENT", failure.kind(), failure::getMessage);
    assertTrue(failure.getMessage().endsWith("there is no such path"), failure::getMessage);
  }

  @Test
  void aHostThatDoesNotAnswerTimesOutWithTheUsualCauses() throws Exception {
    ServerSocketChannel full = rig.closeLater(ServerSocketChannel.open().bind(Wire.ANY_PORT, 1));
    for (int i = 0; i < 2; i++) {
      rig.closeLater(Wire.connect(full.getLocalAddress()));
    }
    IoFailure failure = connectingFails(full.getLocalAddress());
    assertEquals("timeout", failure.kind());
    assertTrue(failure.getMessage().contains("its backlog is full"), failure::getMessage);
  }

  @Test
  void aConnectionThatEndsBeforeItIsAcceptedIsCountedToldOnceAndTheListenerGoesOn()
      throws Exception {
    Logs logs = rig.captureLogs();
    ChannelInitializer<Channel> initializer =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            channel.close();
          }
        };
    Channel server = engine.serverBootstrap().childHandler(initializer).bind().sync().channel();
    for (int i = 0; i < 2; i++) {
      server
          .pipeline()
          .fireExceptionCaught(
              new IOException("accept(..) failed: Software caused connection abort"));
    }
    Await.until("both are counted", () -> engine.stats().acceptFailures() == 2);
    assertEquals(1, logs.warnings().size(), () -> logs.warnings().toString());
    assertTrue(logs.warnings().getFirst().contains("ECONNABORTED"), logs.warnings()::toString);
    SocketChannel client = rig.closeLater(Wire.connect(server.localAddress()));
    assertTrue(Wire.ends(client));
    server.close().sync();
  }

  @Test
  void manyConnectionsAreMadeAndClosed() throws Exception {
    SocketAddress echo = Echo.serve(engine, Wire.ANY_PORT).localAddress();
    for (int i = 0; i < 100; i++) {
      Channel channel =
          engine
              .bootstrap(echo)
              .handler(new ChannelInboundHandlerAdapter())
              .connect()
              .sync()
              .channel();
      channel.close().sync();
    }
    Await.until("all are closed", () -> engine.stats().closed() == 200);
    assertEquals(100, engine.stats().accepted());
    SocketChannel client = rig.closeLater(Wire.connect(echo));
    Wire.send(client, new byte[] {1});
    assertArrayEquals(new byte[] {1}, Wire.read(client, 1));
  }
}
