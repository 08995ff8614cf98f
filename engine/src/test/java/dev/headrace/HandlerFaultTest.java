package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.fixture.Await;
import dev.headrace.fixture.Logs;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.service.Echo;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class HandlerFaultTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private Engine engine;
  private Logs logs;

  HandlerFaultTest(Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() {
    engine = rig.start(transport, options -> options.loops(1));
    logs = rig.captureLogs();
  }

  @Test
  void aHandlerThatThrowsOnReadEndsItsConnectionAndNoOther() throws Exception {
    Listener failing =
        engine.listen(
            Wire.ANY_PORT,
            new SharableHandler() {
              @Override
              public void channelRead(ChannelHandlerContext context, Object message) {
                ReferenceCountUtil.release(message);
                throw new IllegalStateException("on purpose");
              }
            });
    failsAlone(failing.localAddress());
  }

  @Test
  void aHandlerThatThrowsWhenActiveEndsItsConnectionAndNoOther() throws Exception {
    Listener failing =
        engine.listen(
            Wire.ANY_PORT,
            new SharableHandler() {
              @Override
              public void channelActive(ChannelHandlerContext context) {
                throw new IllegalStateException("on purpose");
              }
            });
    failsAlone(failing.localAddress());
  }

  @Test
  void anInitializerThatThrowsEndsItsConnectionAndNoOther() throws Exception {
    Listener failing =
        engine.listen(
            Wire.ANY_PORT,
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                throw new IllegalStateException("on purpose");
              }
            });
    failsAlone(failing.localAddress());
  }

  private void failsAlone(SocketAddress failing) throws Exception {
    SocketAddress echo = Echo.serve(engine, Wire.ANY_PORT).localAddress();
    SocketChannel other = rig.closeLater(Wire.connect(echo));
    Wire.send(other, new byte[] {1});
    Wire.read(other, 1);

    SocketChannel client = rig.closeLater(Wire.connect(failing));
    try {
      Wire.send(client, new byte[10]);
    } catch (java.io.IOException e) {
      // It may have been closed before.
    }
    assertTrue(Wire.ends(client));
    Await.until("the error is told", () -> !logs.warnings().isEmpty());

    Wire.send(other, new byte[] {2});
    assertArrayEquals(new byte[] {2}, Wire.read(other, 1));
    Await.until("it is closed", () -> engine.stats().open() == 1);
    assertEquals(1, logs.warnings().size(), () -> "told more than once: " + logs.warnings());
    assertTrue(logs.warnings().getFirst().contains("on purpose"));
  }

  @Test
  void aHandlerForOneConnectionOnlyIsRefusedWithTheRemedy() {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> engine.listen(Wire.ANY_PORT, new ChannelInboundHandlerAdapter()));
    assertTrue(refusal.getMessage().contains("@Sharable"), refusal::getMessage);
  }

  @Test
  void aCallThatBlocksIsRefusedOnALoop() throws Exception {
    Throwable refusal =
        Rig.get(
            engine.loops().submit(() -> assertThrows(IllegalStateException.class, engine::close)));
    assertTrue(refusal.getMessage().contains("call it from another thread"), refusal::getMessage);
    refusal =
        Rig.get(
            engine
                .loops()
                .submit(
                    () ->
                        assertThrows(
                            IllegalStateException.class, () -> Echo.serve(engine, Wire.ANY_PORT))));
    assertTrue(refusal.getMessage().contains("blocks"), refusal::getMessage);
  }

  @Test
  void aClosedEngineListensNoMoreAndStillTellsWhatItDid() {
    engine.close();
    engine.close();
    assertThrows(Exception.class, () -> Echo.serve(engine, Wire.ANY_PORT));
    assertEquals("headrace-" + transport + "-0", engine.stats().loops().getFirst().name());
  }

  @Sharable
  private abstract static class SharableHandler extends ChannelInboundHandlerAdapter {}
}
