package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Flood;
import dev.headrace.fixture.Logs;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
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
class ProxyContractTest {
  /** Twice what one connection may hold: a proxied one is two. */
  private static final long MOST_UNREAD_BYTES = 2 * EchoContractTest.MOST_UNREAD_BYTES;

  @RegisterExtension final Rig rig = new Rig();
  private final Place place;
  private Engine engine;
  private Logs logs;
  private SocketChannel client;
  private SocketChannel upstream;

  ProxyContractTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine = rig.start(place.transport());
    logs = rig.captureLogs();
  }

  private SocketChannel connect(SocketAddress address) throws IOException {
    return rig.closeLater(Wire.connect(address));
  }

  private SocketAddress proxyTo(SocketAddress address) throws IOException {
    return Proxy.serve(engine, place.free(), address).localAddress();
  }

  /** A client, the proxy, and an upstream that the test plays itself. */
  private void connectThrough() throws IOException {
    ServerSocketChannel listener = rig.closeLater(Wire.listen(place.free()));
    client = connect(proxyTo(listener.getLocalAddress()));
    upstream = rig.closeLater(listener.accept());
  }

  private void everythingEnds() {
    Await.until(() -> "both sides are closed: " + engine.stats(), () -> engine.stats().open() == 0);
    assertEquals(List.of(), logs.warnings());
  }

  @Test
  void randomBytesGoThereAndComeBack() throws Exception {
    SocketAddress echo = Echo.serve(engine, place.free()).localAddress();
    SocketAddress proxy = proxyTo(echo);
    Random random = new Random(11);
    for (int size : new int[] {0, 1, 4_095, 4_096, 4_097, 1_000_000}) {
      byte[] bytes = Wire.randomBytes(random, size);
      SocketChannel one = connect(proxy);
      CompletableFuture<byte[]> answer = rig.beside(() -> Wire.read(one, size));
      Wire.send(one, bytes);
      assertArrayEquals(bytes, Rig.get(answer));
      one.shutdownOutput();
      assertTrue(Wire.ends(one));
    }
    everythingEnds();
  }

  @Test
  void bytesThatComeOneByOneArriveInOrder() throws Exception {
    connectThrough();
    byte[] bytes = Wire.randomBytes(new Random(3), 1_000);
    CompletableFuture<byte[]> arrived = rig.beside(() -> Wire.readToEnd(upstream));
    for (int i = 0; i < bytes.length; i++) {
      Wire.send(client, bytes, i, 1);
    }
    client.shutdownOutput();
    assertArrayEquals(bytes, Rig.get(arrived));
  }

  @Test
  void theClientsEndIsPassedOnAndTheUpstreamMayAnswerAfterIt() throws Exception {
    place.assumeHalfClose();
    connectThrough();
    Wire.send(client, new byte[50_000]);
    client.shutdownOutput();
    assertEquals(50_000, Wire.readToEnd(upstream).length);
    byte[] answer = Wire.randomBytes(new Random(1), 300_000);
    CompletableFuture<byte[]> answered = rig.beside(() -> Wire.readToEnd(client));
    Wire.send(upstream, answer);
    upstream.close();
    assertArrayEquals(answer, Rig.get(answered));
    everythingEnds();
  }

  @Test
  void theUpstreamsEndIsPassedOnAndTheClientMaySendAfterIt() throws Exception {
    place.assumeHalfClose();
    connectThrough();
    Wire.send(upstream, new byte[50_000]);
    upstream.shutdownOutput();
    assertEquals(50_000, Wire.readToEnd(client).length);
    byte[] more = Wire.randomBytes(new Random(1), 300_000);
    CompletableFuture<byte[]> arrived = rig.beside(() -> Wire.readToEnd(upstream));
    Wire.send(client, more);
    client.close();
    assertArrayEquals(more, Rig.get(arrived));
    everythingEnds();
  }

  @Test
  void aClientWhoseUpstreamRefusesIsClosedAndTheNextOneIsServed() throws Exception {
    ServerSocketChannel closed = Wire.listen(place.free());
    SocketAddress address = closed.getLocalAddress();
    closed.close();
    if (!place.isTcp()) {
      java.nio.file.Files.delete(((java.net.UnixDomainSocketAddress) address).getPath());
    }
    SocketAddress proxy = proxyTo(address);
    assertTrue(Wire.ends(connect(proxy)));
    Await.until("it is told", () -> !logs.warnings().isEmpty());
    String told = logs.warnings().getFirst();
    assertTrue(
        told.contains("connect ") && told.contains(place.isTcp() ? "ECONNREFUSED" : "ENOENT"),
        told);
    assertTrue(told.contains(place.isTcp() ? "nothing listens there" : "no such path"), told);

    Echo.serve(engine, address);
    SocketChannel next = connect(proxy);
    Wire.send(next, new byte[] {7});
    assertArrayEquals(new byte[] {7}, Wire.read(next, 1));
  }

  @Test
  void anUpstreamThatDiesInTheMiddleEndsItsClientAndNoOther() throws Exception {
    ServerSocketChannel listener = rig.closeLater(Wire.listen(place.free()));
    SocketAddress proxy = proxyTo(listener.getLocalAddress());
    client = connect(proxy);
    upstream = listener.accept();
    SocketChannel other = connect(proxy);
    SocketChannel otherUpstream = rig.closeLater(listener.accept());

    Wire.send(client, new byte[100_000]);
    Wire.read(upstream, 10);
    Wire.reset(upstream);
    assertTrue(Wire.ends(client));
    Await.until("the pair is closed", () -> engine.stats().open() == 2);

    Wire.send(other, new byte[] {1});
    assertEquals(1, Wire.read(otherUpstream, 1)[0]);
    assertEquals(List.of(), logs.warnings());
  }

  @Test
  void aClientThatResetsInTheMiddleIsSeenByItsUpstream() throws Exception {
    connectThrough();
    Wire.send(upstream, new byte[100_000]);
    Wire.read(client, 10);
    Wire.reset(client);
    assertTrue(Wire.ends(upstream));
    everythingEnds();
  }

  @Test
  void anUpstreamThatDoesNotReadHoldsBackItsClientAndLosesNothing() throws Exception {
    connectThrough();
    Flood flood = Flood.into(rig, client, 4 * MOST_UNREAD_BYTES);
    long unread = flood.stuckAfter();
    assertTrue(unread < MOST_UNREAD_BYTES, () -> unread + " bytes were taken for a slow upstream");
    flood.stop();
    assertTrue(flood.arrivesAt(upstream), "something was lost");
  }

  @Test
  void aClientThatDoesNotReadHoldsBackItsUpstreamAndLosesNothing() throws Exception {
    connectThrough();
    Flood flood = Flood.into(rig, upstream, 4 * MOST_UNREAD_BYTES);
    long unread = flood.stuckAfter();
    assertTrue(unread < MOST_UNREAD_BYTES, () -> unread + " bytes were taken for a slow client");
    flood.stop();
    assertTrue(flood.arrivesAt(client), "something was lost");
  }

  @Test
  void whatAClientSendsBeforeItsUpstreamIsConnectedArrives() throws Exception {
    assumeTrue(place.isTcp(), "a Unix socket is connected at once, or not at all");
    ServerSocketChannel listener =
        rig.closeLater(ServerSocketChannel.open().bind(Wire.ANY_PORT, 1));
    InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
    List<SocketChannel> queue = new ArrayList<>();
    // 1. The backlog is filled: the proxy's connection waits, and the kernel tries it again later.
    for (int i = 0; i < 2; i++) {
      queue.add(connect(address));
    }
    SocketAddress proxy = proxyTo(address);
    // 2. The client sends all that it has, and ends.
    client = connect(proxy);
    byte[] bytes = Wire.randomBytes(new Random(8), 60_000);
    Wire.send(client, bytes);
    client.shutdownOutput();
    Await.until("the proxy connects", () -> engine.stats().open() == 2);
    // 3. There is room in the backlog again.
    for (int i = 0; i < queue.size(); i++) {
      listener.accept().close();
    }
    upstream = rig.closeLater(listener.accept());
    assertArrayEquals(bytes, Wire.readToEnd(upstream));
    Wire.send(upstream, new byte[] {5});
    upstream.close();
    assertArrayEquals(new byte[] {5}, Wire.readToEnd(client));
    everythingEnds();
  }
}
