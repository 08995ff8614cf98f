package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.EngineStats;
import dev.headrace.Transport;
import dev.headrace.fixture.Flood;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Sequence;
import dev.headrace.fixture.Wire;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
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

/** Slow and greedy peers, on one loop with a small pool. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class ProxyPressureTest {
  /** What the proxied connections of a test may hold in the JVM beside the pool. */
  private static final long MOST_DIRECT_BYTES = 32L << 20;

  private static final int MEBIBYTE = 1 << 20;
  private static final int PATIENT_READS = 3_000;
  private static final int FLOODS = 8;
  private static final int ROUND_TRIPS = 200;

  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private Engine engine;
  private ServerSocketChannel listener;
  private SocketAddress proxy;

  ProxyPressureTest(Transport transport) {
    this.transport = transport;
  }

  /** A client, and the upstream that it is forwarded to. */
  private record Through(SocketChannel client, SocketChannel upstream) {}

  @BeforeEach
  void start() throws IOException {
    engine =
        rig.start(
            transport,
            options ->
                options
                    .loops(1)
                    .poolBytesPerLoop(EngineOptions.LEAST_POOL_BYTES)
                    .drainTimeout(Duration.ofMillis(100)));
    listener = rig.closeLater(Wire.listen(Wire.ANY_PORT));
    proxy = Proxy.serve(engine, Wire.ANY_PORT, listener.getLocalAddress()).localAddress();
  }

  private Through connect() throws IOException {
    SocketChannel client = rig.closeLater(Wire.connect(proxy));
    return new Through(client, rig.closeLater(listener.accept()));
  }

  private CompletableFuture<Void> send(Sequence words, SocketChannel channel, long count) {
    return rig.beside(
        () -> {
          words.send(channel, 0, count);
          channel.shutdownOutput();
          return null;
        });
  }

  private static long directBytes() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  private void memoryIsBounded(long directBefore) {
    EngineStats.Loop loop = engine.stats().loops().getFirst();
    assertTrue(loop.pool().peak() <= loop.pool().limit(), () -> loop.pool().toString());
    long grown = directBytes() - directBefore;
    assertTrue(grown < MOST_DIRECT_BYTES, () -> grown + " bytes of direct memory more");
  }

  @Test
  void aBulkThatStopsAndGoesOnAgainAndAgainArrivesInBoundedMemory() throws Exception {
    Through through = connect();
    long direct = directBytes();
    // 1. So much flows that the direction is a bulk.
    Flood flood = Flood.into(rig, through.client, 1L << 40);
    // 2. Nobody reads, until nothing moves; then so much is read that it flows again.
    long taken = 0;
    for (int round = 0; round < 3; round++) {
      long stuck = flood.stuckAfter();
      long held = stuck - taken;
      assertTrue(held < EchoContractTest.MOST_UNREAD_BYTES * 2, () -> held + " bytes are held");
      memoryIsBounded(direct);
      // 3. A small answer passes by the bulk that stands still.
      Wire.send(through.upstream, new byte[] {(byte) round});
      assertEquals(round, Wire.read(through.client, 1)[0]);
      if (round < 2) {
        taken += flood.readSome(through.upstream, 16L * MEBIBYTE);
      }
    }
    flood.stop();
    assertTrue(flood.arrivesAt(through.upstream), "something was lost");
    memoryIsBounded(direct);
  }

  @Test
  void aClientThatFloodsBeforeItsUpstreamAnswersIsStoppedAndLosesNothing() throws Exception {
    ServerSocketChannel late = rig.closeLater(ServerSocketChannel.open().bind(Wire.ANY_PORT, 1));
    // 1. The backlog is full: the kernel leaves the proxy's SYN without an answer.
    for (int i = 0; i < 2; i++) {
      rig.closeLater(Wire.connect(late.getLocalAddress()));
    }
    ProxyOptions options =
        ProxyOptions.to(late.getLocalAddress()).connectTimeout(Duration.ofMinutes(1));
    Proxy patient = Proxy.serve(engine, Wire.ANY_PORT, options);
    long direct = directBytes();
    long buffers = engine.stats().buffersInUse();
    // 2. What the client sends meanwhile stays in the kernel.
    SocketChannel client = rig.closeLater(Wire.connect(patient.localAddress()));
    Flood flood = Flood.into(rig, client, 1L << 40);
    long held = flood.stuckAfter();
    assertEquals(0, patient.stats().connects(), "the upstream is connected too early");
    assertTrue(held < EchoContractTest.MOST_UNREAD_BYTES, () -> held + " bytes are held");
    assertEquals(buffers, engine.stats().buffersInUse());
    memoryIsBounded(direct);
    // 3. There is room in the backlog again, and all of it arrives.
    flood.stop();
    for (int i = 0; i < 2; i++) {
      rig.closeLater(late.accept());
    }
    assertTrue(flood.arrivesAt(rig.closeLater(late.accept())), "something was lost");
  }

  @Test
  void aReaderOfOneByteAtATimeLosesNothingOfABulk() throws Exception {
    Through through = connect();
    long direct = directBytes();
    Sequence words = new Sequence(2);
    CompletableFuture<Void> sent = send(words, through.upstream, 12 * MEBIBYTE);
    for (int i = 0; i < PATIENT_READS; i++) {
      assertEquals(1, words.readSome(through.client, i, 1));
    }
    memoryIsBounded(direct);
    assertEquals(12 * MEBIBYTE, words.readToEnd(through.client, PATIENT_READS));
    Rig.get(sent);
  }

  @Test
  void aConversationGoesOnBesideManyFloodsInBothDirections() throws Exception {
    Through quiet = connect();
    List<Flood> floods = new ArrayList<>();
    List<CompletableFuture<Boolean>> arrived = new ArrayList<>();
    long direct = directBytes();
    // 1. The floods flow, and are read as fast as it goes.
    for (int i = 0; i < FLOODS; i++) {
      Through through = connect();
      boolean up = i % 2 == 0;
      Flood flood = Flood.into(rig, up ? through.client : through.upstream, 1L << 40);
      floods.add(flood);
      arrived.add(rig.beside(() -> flood.arrivesAt(up ? through.upstream : through.client)));
    }
    // 2. Beside them every question is answered, and no flood has an end before the last.
    for (int i = 0; i < ROUND_TRIPS; i++) {
      Wire.send(quiet.client, new byte[] {(byte) i});
      assertEquals((byte) i, Wire.read(quiet.upstream, 1)[0]);
      Wire.send(quiet.upstream, new byte[] {(byte) ~i});
      assertEquals((byte) ~i, Wire.read(quiet.client, 1)[0]);
    }
    for (CompletableFuture<Boolean> one : arrived) {
      assertTrue(!one.isDone(), "a flood has ended");
    }
    memoryIsBounded(direct);
    // 3. Nothing of them is lost.
    floods.forEach(Flood::stop);
    for (CompletableFuture<Boolean> one : arrived) {
      assertTrue(Rig.get(one), "something was lost");
    }
  }

  @Test
  void smallMessagesAndBulksInTurnsArriveInOrderAtAReaderThatIsSlowAtTheTurns() throws Exception {
    Through through = connect();
    Sequence words = new Sequence(3);
    long position = 0;
    for (int round = 0; round < 12; round++) {
      // 1. Small messages, each answered before the next.
      for (int i = 0; i < 50; i++) {
        words.send(through.client, position, 100);
        words.read(through.upstream, position, 100);
        words.send(through.upstream, position, 10);
        words.read(through.client, position, 10);
        position += 100;
      }
      // 2. A bulk, of which only the first bytes are read before more small messages follow it.
      long from = position;
      CompletableFuture<Void> sent =
          rig.beside(
              () -> {
                words.send(through.client, from, 3 * MEBIBYTE);
                words.send(through.client, from + 3 * MEBIBYTE, 100, 1);
                return null;
              });
      words.read(through.upstream, position, 1_000);
      words.read(through.upstream, position + 1_000, 3 * MEBIBYTE + 100 - 1_000);
      Rig.get(sent);
      position += 3 * MEBIBYTE + 100;
    }
  }
}
