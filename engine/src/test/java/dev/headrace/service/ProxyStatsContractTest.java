package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Sequence;
import dev.headrace.fixture.Wire;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
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
class ProxyStatsContractTest {
  @RegisterExtension final Rig rig = new Rig();
  private static final int BULK_BYTES = 8 << 20;

  private final Place place;
  private Engine engine;
  private ServerSocketChannel listener;
  private Proxy proxy;
  private SocketChannel client;
  private SocketChannel upstream;

  ProxyStatsContractTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void start() throws IOException {
    engine = rig.start(place.transport());
    listener = rig.closeLater(Wire.listen(place.free()));
    proxy = Proxy.serve(engine, place.free(), listener.getLocalAddress());
  }

  private void connect() throws IOException {
    client = rig.closeLater(Wire.connect(proxy.localAddress()));
    upstream = rig.closeLater(listener.accept());
  }

  @Test
  void bytesAreCountedEachWayAndClientsAsTheyComeAndGo() throws Exception {
    connect();
    Wire.send(client, new byte[12_345]);
    Wire.read(upstream, 12_345);
    Wire.send(upstream, new byte[54_321]);
    Wire.read(client, 54_321);
    ProxyStats stats = proxy.stats();
    assertEquals(12_345, stats.bytesToUpstream());
    assertEquals(54_321, stats.bytesToClient());
    assertEquals(1, stats.accepted());
    assertEquals(1, stats.open());
    assertEquals(1, stats.connects());
    assertEquals(1, stats.upstreams().getFirst().open());
    assertTrue(stats.longestConnectNanos() > 0 && stats.connectNanos() > 0);
    connect();
    Await.until("both are counted", () -> proxy.stats().open() == 2);
    client.close();
    upstream.close();
    Await.until("one is gone", () -> proxy.stats().open() == 1);
    Await.until("its upstream too", () -> proxy.stats().upstreams().getFirst().open() == 1);
    assertEquals(2, proxy.stats().accepted());
    assertTrue(proxy.stats().connectNanos() > proxy.stats().longestConnectNanos());
    assertEquals(0, proxy.stats().resets());
  }

  @Test
  void aBulkIsSplicedWhereTheTransportCanAndAConversationIsNot() throws Exception {
    connect();
    Sequence words = new Sequence(4);
    for (int i = 0; i < 100; i++) {
      words.send(client, i * 100, 100);
      words.read(upstream, i * 100, 100);
    }
    assertEquals(0, proxy.stats().splicedBytes());
    CompletableFuture<Void> sent =
        rig.beside(
            () -> {
              words.send(client, 10_000, BULK_BYTES);
              return null;
            });
    words.read(upstream, 10_000, BULK_BYTES);
    Rig.get(sent);
    ProxyStats stats = proxy.stats();
    assertEquals(10_000 + BULK_BYTES, stats.bytesToUpstream());
    boolean can = place.transport() != Transport.NIO;
    assertEquals(can, stats.splicedBytes() > BULK_BYTES / 2, stats::toString);
    assertEquals(can ? 1 : 0, stats.splicedDirections());
    client.close();
    Await.until("it is spliced no more", () -> proxy.stats().splicedDirections() == 0);
  }

  @Test
  void aResetOfTheClientIsAResetForTheUpstream() throws Exception {
    assumeTrue(place.isTcp(), "Unix sockets know no reset");
    connect();
    Wire.send(upstream, new byte[1]);
    Wire.read(client, 1);
    Wire.reset(client);
    IOException reset = assertThrows(IOException.class, () -> Wire.readToEnd(upstream));
    assertEquals("ECONNRESET", IoFailure.kindOf(reset));
    Await.until("it is counted", () -> proxy.stats().resets() == 1);
  }

  @Test
  void aResetOfTheUpstreamIsAResetForTheClient() throws Exception {
    assumeTrue(place.isTcp(), "Unix sockets know no reset");
    connect();
    Wire.send(client, new byte[1]);
    Wire.read(upstream, 1);
    Wire.reset(upstream);
    IOException reset = assertThrows(IOException.class, () -> Wire.readToEnd(client));
    assertEquals("ECONNRESET", IoFailure.kindOf(reset));
    Await.until("it is counted", () -> proxy.stats().resets() == 1);
  }

  private static boolean isRefused(java.net.SocketAddress address) {
    try (SocketChannel connected = Wire.connect(address)) {
      return !connected.isOpen();
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void aClosedProxyAcceptsNoMoreAndItsConnectionsLiveOn() throws Exception {
    connect();
    Await.until("it is connected", () -> proxy.stats().connects() == 1);
    java.net.SocketAddress address = proxy.localAddress();
    proxy.close();
    proxy.close();
    // A ring closes a socket a moment after its channel.
    Await.until("nobody listens there", () -> isRefused(address));
    Wire.send(client, new byte[] {4});
    assertEquals(4, Wire.read(upstream, 1)[0]);
  }

  @Test
  void aTransferThatIsUnderWayWhenTheEngineIsClosedArrivesWhole() throws Exception {
    connect();
    byte[] bytes = Wire.randomBytes(new Random(5), 8 << 20);
    CompletableFuture<Boolean> sent =
        rig.beside(
            () -> {
              Wire.send(upstream, bytes);
              upstream.close();
              return true;
            });
    Await.until("it is under way", () -> proxy.stats().bytesToClient() > 0);
    CompletableFuture<Boolean> closed =
        rig.beside(
            () -> {
              engine.close();
              return true;
            });
    byte[] arrived = Wire.readToEnd(client);
    client.close();
    assertTrue(Rig.get(sent));
    assertArrayEquals(bytes, arrived);
    assertTrue(Rig.get(closed));
    assertEquals(bytes.length, proxy.stats().bytesToClient());
  }
}
