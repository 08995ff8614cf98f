package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.fixture.Await;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.service.Echo;
import dev.headrace.service.Proxy;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What is left after each of these is counted by the rig: it must be nothing. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#all")
@Timeout(60)
class ShutdownTest {
  private static final int MESSAGE_BYTES = 64;

  @RegisterExtension final Rig rig = new Rig();
  private final Place place;

  ShutdownTest(Place place) {
    this.place = place;
  }

  private SocketChannel connect(SocketAddress address) throws IOException {
    return rig.closeLater(Wire.connect(address));
  }

  @Test
  void answersUnderWayArriveWholeAndInOrderBeforeTheEnd() throws Exception {
    Engine engine =
        rig.start(place.transport(), options -> options.drainTimeout(Duration.ofSeconds(20)));
    SocketAddress echo = Echo.serve(engine, place.free()).localAddress();
    AtomicLong answers = new AtomicLong();
    AtomicInteger answered = new AtomicInteger();
    List<CompletableFuture<Long>> clients = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      SocketChannel client = connect(echo);
      clients.add(rig.beside(() -> hammer(client, answers, answered)));
    }
    Await.until(
        "the load runs, and each client takes part", // in the backlog it would be reset
        () -> answers.get() > 2_000 && answered.get() == 16);
    engine.close();
    for (CompletableFuture<Long> client : clients) {
      assertTrue(Rig.get(client) > 0);
    }
    assertEquals(0, engine.stats().open());
    assertEquals(0, engine.stats().buffersInUse());
    assertEquals(16, engine.stats().closed());
  }

  /**
   * Asks until the stream ends, which may only be between two answers; says how many there were.
   */
  private static long hammer(SocketChannel client, AtomicLong answers, AtomicInteger answered)
      throws IOException {
    ByteBuffer question = ByteBuffer.allocate(MESSAGE_BYTES);
    ByteBuffer answer = ByteBuffer.allocate(MESSAGE_BYTES);
    for (long count = 0; ; count++) {
      question.clear().putLong(0, count).putLong(MESSAGE_BYTES - 8, ~count);
      client.write(question);
      answer.clear();
      while (answer.hasRemaining()) {
        if (client.read(answer) < 0) {
          assertEquals(0, answer.position(), "an answer was cut");
          client.close();
          return count;
        }
      }
      assertEquals(count, answer.getLong(0));
      assertEquals(~count, answer.getLong(MESSAGE_BYTES - 8));
      answers.incrementAndGet();
      if (count == 0) {
        answered.incrementAndGet();
      }
    }
  }

  @Test
  void aClientThatSendsOnWhileTheEngineDrainsIsNotReset() throws Exception {
    place.assumeHalfClose();
    Engine engine =
        rig.start(place.transport(), options -> options.drainTimeout(Duration.ofSeconds(20)));
    SocketChannel client = connect(Echo.serve(engine, place.free()).localAddress());
    AtomicLong read = new AtomicLong();
    CompletableFuture<Boolean> ended =
        rig.beside(
            () -> {
              ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
              while (client.read(buffer) >= 0) {
                read.addAndGet(buffer.position());
                buffer.clear();
              }
              return true;
            });
    CompletableFuture<Boolean> sent =
        rig.beside(
            () -> {
              while (!ended.isDone()) {
                Wire.send(client, new byte[256]);
              }
              client.close();
              return true;
            });
    Await.until("it flows", () -> read.get() > 100_000);
    engine.close();
    assertTrue(Rig.get(ended));
    assertTrue(Rig.get(sent));
  }

  @Test
  void connectionsThatNeverEndAreToldAndThenCutAtTheDeadline() throws Exception {
    Engine engine =
        rig.start(place.transport(), options -> options.drainTimeout(Duration.ofMillis(100)));
    Told told = new Told();
    SocketAddress address = engine.listen(place.free(), told).localAddress();
    List<SocketChannel> clients = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      clients.add(connect(address));
    }
    Await.until("all are accepted", () -> engine.stats().open() == 10);
    engine.close();
    assertEquals(10, told.count.get());
    assertEquals(0, engine.stats().open());
    for (SocketChannel client : clients) {
      assertTrue(Wire.ends(client));
    }
  }

  @Sharable
  private static final class Told extends ChannelInboundHandlerAdapter {
    private final AtomicInteger count = new AtomicInteger();

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event == Draining.BEGUN) {
        count.incrementAndGet();
      }
    }
  }

  @Test
  void aProxyUnderLoadAndClientsThatDoNotReadAreCut() throws Exception {
    Engine engine =
        rig.start(place.transport(), options -> options.drainTimeout(Duration.ofMillis(100)));
    rig.captureLogs();
    SocketAddress echo = Echo.serve(engine, place.free()).localAddress();
    SocketAddress proxy = Proxy.serve(engine, place.free(), echo).localAddress();
    List<CompletableFuture<Boolean>> senders = new ArrayList<>();
    AtomicLong sent = new AtomicLong();
    for (int i = 0; i < 8; i++) {
      SocketChannel client = connect(i % 2 == 0 ? proxy : echo);
      senders.add(rig.beside(() -> sendUntilCut(client, sent)));
    }
    Await.settled(sent::get);
    engine.close();
    for (CompletableFuture<Boolean> sender : senders) {
      assertTrue(Rig.get(sender));
    }
    assertEquals(0, engine.stats().open());
  }

  private static boolean sendUntilCut(SocketChannel client, AtomicLong sent) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(64 << 10);
    try {
      while (true) {
        sent.addAndGet(client.write(block.clear()));
      }
    } catch (IOException cut) {
      return true;
    }
  }

  @Test
  void anEngineWithNothingToDrainEndsAtOnce() {
    Engine engine =
        rig.start(place.transport(), options -> options.drainTimeout(Duration.ofDays(1)));
    engine.close();
    assertFalse(engine.stats().open() > 0);
  }
}
