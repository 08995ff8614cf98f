package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.Listener;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Flood;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#all")
@Timeout(60)
class EchoContractTest {
  /** What the kernel may hold on both sides, with the engine's watermark, is well below this. */
  static final long MOST_UNREAD_BYTES = 48L << 20;

  @RegisterExtension final Rig rig = new Rig();
  private final Place place;
  private Engine engine;

  EchoContractTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine = rig.start(place.transport());
  }

  private SocketChannel connectToEcho() throws IOException {
    return connect(Echo.serve(engine, place.free()).localAddress());
  }

  private SocketChannel connect(SocketAddress address) throws IOException {
    return rig.closeLater(Wire.connect(address));
  }

  @Test
  void randomSizesInRandomSlicesComeBackAsTheyWereSent() throws Exception {
    SocketAddress echo = Echo.serve(engine, place.free()).localAddress();
    Random random = new Random(42);
    List<CompletableFuture<byte[]>> answers = new ArrayList<>();
    List<byte[]> questions = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      byte[] question = Wire.randomBytes(random, random.nextInt(1 + (1 << random.nextInt(20))));
      SocketChannel client = connect(echo);
      long seed = random.nextLong();
      rig.beside(() -> sendInSlices(client, question, new Random(seed)));
      answers.add(rig.beside(() -> Wire.read(client, question.length)));
      questions.add(question);
    }
    for (int i = 0; i < answers.size(); i++) {
      assertArrayEquals(questions.get(i), Rig.get(answers.get(i)));
    }
  }

  private static Void sendInSlices(SocketChannel client, byte[] bytes, Random random)
      throws IOException {
    for (int sent = 0; sent < bytes.length; ) {
      int slice = Math.min(bytes.length - sent, 1 + random.nextInt(1 << random.nextInt(16)));
      Wire.send(client, bytes, sent, slice);
      sent += slice;
    }
    return null;
  }

  @Test
  void bytesThatComeOneByOneComeBackInOrder() throws Exception {
    SocketChannel client = connectToEcho();
    byte[] bytes = Wire.randomBytes(new Random(3), 2_000);
    CompletableFuture<byte[]> answer = rig.beside(() -> Wire.read(client, bytes.length));
    for (int i = 0; i < bytes.length; i++) {
      Wire.send(client, bytes, i, 1);
    }
    assertArrayEquals(bytes, Rig.get(answer));
  }

  @Test
  void aClientThatDoesNotReadIsNotReadFromAndLosesNothingWhenItReadsOn() throws Exception {
    SocketChannel client = connectToEcho();
    Flood flood = Flood.into(rig, client, 4 * MOST_UNREAD_BYTES);
    long unread = flood.stuckAfter();
    assertTrue(unread < MOST_UNREAD_BYTES, () -> unread + " bytes were taken from a slow reader");
    flood.stop();
    assertTrue(flood.arrivesAt(client), "something was lost");
  }

  @Test
  void aSlowReaderDoesNotHoldUpOthersOnItsLoop() throws Exception {
    Engine oneLoop = rig.start(place.transport(), options -> options.loops(1));
    SocketAddress echo = Echo.serve(oneLoop, place.free()).localAddress();
    Flood flood = Flood.into(rig, connect(echo), 4 * MOST_UNREAD_BYTES);
    flood.stuckAfter();
    SocketChannel other = connect(echo);
    Wire.send(other, new byte[] {1, 2, 3});
    assertArrayEquals(new byte[] {1, 2, 3}, Wire.read(other, 3));
  }

  @Test
  void aClientThatEndsFirstGetsTheRestAndThenTheEnd() throws Exception {
    place.assumeHalfClose();
    SocketChannel client = connectToEcho();
    byte[] bytes = Wire.randomBytes(new Random(5), 100_000);
    Wire.send(client, bytes);
    client.shutdownOutput();
    assertArrayEquals(bytes, Wire.readToEnd(client));
    Await.until("it is closed", () -> engine.stats().open() == 0);
  }

  @Test
  void aClientThatResetsIsForgotten() throws Exception {
    SocketAddress echo = Echo.serve(engine, place.free()).localAddress();
    SocketChannel client = connect(echo);
    Wire.send(client, new byte[100_000]);
    Wire.read(client, 1);
    Wire.reset(client);
    Await.until("it is closed", () -> engine.stats().open() == 0);
    SocketChannel next = connect(echo);
    Wire.send(next, new byte[] {9});
    assertArrayEquals(new byte[] {9}, Wire.read(next, 1));
  }

  @Test
  void discardTakesEverythingAndAnswersNothing() throws Exception {
    SocketChannel client = connect(Discard.serve(engine, place.free()).localAddress());
    Wire.send(client, new byte[8 << 20]);
    client.shutdownOutput();
    assertEquals(0, Wire.readToEnd(client).length);
    Await.until("it is closed", () -> engine.stats().open() == 0);
  }

  @Test
  void manyConnectionsComeAndGoAndAreCounted() throws Exception {
    Listener listener = Echo.serve(engine, place.free());
    int rounds = 5;
    int atOnce = 60;
    for (int round = 0; round < rounds; round++) {
      List<SocketChannel> clients = new ArrayList<>();
      for (int i = 0; i < atOnce; i++) {
        clients.add(connect(listener.localAddress()));
      }
      for (SocketChannel client : clients) {
        Wire.send(client, new byte[] {(byte) round});
      }
      for (SocketChannel client : clients) {
        assertEquals(round, Wire.read(client, 1)[0]);
        client.close();
      }
    }
    Await.until("all are closed", () -> engine.stats().closed() == rounds * atOnce);
    assertEquals(rounds * atOnce, engine.stats().accepted());
    assertEquals(0, engine.stats().open());
  }
}
