package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.buffer.BufferPoolStats;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.io.Streams;
import dev.headrace.net.SocketStream;
import dev.headrace.net.StreamListener;
import dev.headrace.net.StreamService;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Short messages that must wait hold a small pool neither whole nor for long. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#all")
@Timeout(60)
class StreamPressureTest {
  private static final int CONNECTIONS = 200;
  private static final int MESSAGE_BYTES = 64;
  private static final int MESSAGES = 1_200;

  @RegisterExtension final Rig rig = new Rig();
  private final Place place;
  private Engine engine;

  StreamPressureTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine =
        rig.start(
            place.transport(),
            options ->
                options
                    .loops(1)
                    .poolBytesPerLoop(EngineOptions.LEAST_POOL_BYTES)
                    .drainTimeout(Duration.ofMillis(100)));
  }

  private BufferPoolStats pool() {
    return engine.stats().loops().getFirst().pool();
  }

  private SocketAddress serve(StreamService<SocketStream> service) throws IOException {
    StreamListener<?> listener = rig.closeLater(StreamListener.bind(engine, place.free()));
    engine.spawn(() -> listener.serve(service));
    return listener.localAddress();
  }

  @Test
  void writersToPeersThatNeverReadParkAndLeaveThePoolToOthers() throws Exception {
    leavesRoom(client -> Streams.copy(client, client));
  }

  @Test
  void tasksThatNeverReadLeaveThePoolToOthers() throws Exception {
    CompletableFuture<Void> never = new CompletableFuture<>();
    leavesRoom(
        client -> {
          try {
            never.get();
          } catch (java.util.concurrent.ExecutionException e) {
            throw new IOException(e);
          }
        });
  }

  private void leavesRoom(StreamService<SocketStream> service) throws Exception {
    SocketAddress echo = serve(client -> Streams.copy(client, client));
    SocketChannel before = rig.closeLater(Wire.connect(echo));
    answers(before);
    SocketAddress slow = serve(service);
    List<SocketChannel> senders = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      SocketChannel sender = rig.closeLater(Wire.connect(slow));
      if (slow instanceof InetSocketAddress) {
        sender.setOption(StandardSocketOptions.SO_RCVBUF, 4 << 10);
        sender.setOption(StandardSocketOptions.SO_SNDBUF, 4 << 10);
      }
      sender.configureBlocking(false);
      senders.add(sender);
    }
    ByteBuffer message = ByteBuffer.allocate(MESSAGE_BYTES);
    for (int round = 0; round < MESSAGES; round++) {
      for (SocketChannel sender : senders) {
        sender.write(message.clear());
      }
      if (round % 400 == 0) {
        answers(before);
      }
    }
    assertEquals(CONNECTIONS + 1, engine.stats().open());
    Await.until(() -> "the pool has room: " + pool(), () -> !engine.pool().isShort());
    assertTrue(pool().peak() <= pool().limit(), () -> pool().toString());
    answers(before);
    answers(rig.closeLater(Wire.connect(echo)));
    for (SocketChannel sender : senders) {
      Wire.reset(sender);
    }
  }

  private static void answers(SocketChannel client) throws IOException {
    for (int i = 0; i < 50; i++) {
      Wire.send(client, new byte[] {(byte) i});
      assertEquals((byte) i, Wire.read(client, 1)[0]);
    }
  }
}
