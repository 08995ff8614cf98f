package dev.headrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.Transport;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.service.Echo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** More at once than the queues between the engine and the kernel hold. */
@ParameterizedClass
@MethodSource("dev.headrace.fixture.Place#transports")
class StreamStormTest {
  /** More than the 1,024 submissions that a ring takes at once. */
  private static final int STREAMS = 1500;

  @RegisterExtension final Rig rig = new Rig();
  @Parameter Transport transport;

  @Test
  void moreStreamsThanTheSubmissionQueueHoldsAreWrittenInOneTurn() throws Exception {
    Engine engine = rig.start(transport, options -> options.loops(1));
    TcpListener listener = rig.closeLater(TcpListener.bind(engine, Wire.ANY_PORT));
    List<SocketChannel> clients = new ArrayList<>();
    List<TcpStream> streams = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      clients.add(rig.closeLater(Wire.connect(listener.localAddress())));
      streams.add(rig.closeLater(listener.accept()));
    }
    ByteBuffer message = ByteBuffer.allocate(8);
    engine
        .spawn(
            () -> {
              for (int i = 0; i < STREAMS; i++) { // no wait between them: one flush writes them all
                assertEquals(8, streams.get(i).tryWrite(message.clear().putLong(0, i)));
              }
            })
        .join();
    for (int i = 0; i < STREAMS; i++) {
      // Accepted in the order of connecting: one loop, one listener.
      assertEquals(i, ByteBuffer.wrap(Wire.read(clients.get(i), 8)).getLong());
    }
    assertTrue(engine.stats().open() >= STREAMS);
  }

  @Test
  void aClientThatSaysNothingIsCutAndOneThatSaysLittleLives() throws Exception {
    Engine engine = rig.start(transport, options -> options.loops(1));
    TcpListener listener = rig.closeLater(TcpListener.bind(engine, Wire.ANY_PORT));
    StreamLimits limits = StreamLimits.idle(Duration.ofSeconds(1));
    engine.spawn(() -> listener.serve(Echo.streamService(), limits));
    SocketChannel slow = rig.closeLater(Wire.connect(listener.localAddress()));
    try (SocketChannel silent = Wire.connect(listener.localAddress())) {
      CompletableFuture<Boolean> cut = rig.beside(() -> Wire.ends(silent));
      while (!cut.isDone()) {
        Wire.send(slow, new byte[] {1});
        Wire.read(slow, 1);
      }
      assertTrue(cut.join());
    }
    Wire.send(slow, new byte[] {2});
    assertEquals(2, Wire.read(slow, 1)[0]);
  }

  @Test
  void aConnectionEndsAtTheEndOfItsLifetimeHoweverBusyItIs() throws Exception {
    Engine engine = rig.start(transport, options -> options.loops(1));
    TcpListener listener = rig.closeLater(TcpListener.bind(engine, Wire.ANY_PORT));
    StreamLimits limits = StreamLimits.NONE.lifetime(Duration.ofMillis(100));
    engine.spawn(() -> listener.serve(Echo.streamService(), limits));
    SocketChannel busy = rig.closeLater(Wire.connect(listener.localAddress()));
    assertThrows(
        IOException.class,
        () -> {
          while (true) {
            Wire.send(busy, new byte[] {1});
            Wire.read(busy, 1);
          }
        });
  }
}
