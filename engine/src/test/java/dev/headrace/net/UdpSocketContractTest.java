package dev.headrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Task;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class UdpSocketContractTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private Engine engine;

  UdpSocketContractTest(Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() {
    engine = rig.start(transport);
  }

  private UdpSocket bind() throws IOException {
    return rig.closeLater(UdpSocket.bind(engine, Wire.ANY_PORT));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Datagram<InetSocketAddress> datagram) {
    try (datagram) {
      return datagram.bytes().toString(StandardCharsets.UTF_8);
    }
  }

  @Test
  void aDatagramSaysWhoSentItAndIsAnswered() throws Exception {
    UdpSocket server = bind();
    UdpSocket client = bind();
    client.sendTo(bytes("ping"), server.localAddress());
    Datagram<InetSocketAddress> question = server.receiveFrom();
    assertEquals(client.localAddress(), question.sender());
    server.sendTo(question.bytes(), question.sender());
    ByteBuffer answer = ByteBuffer.allocate(16);
    Received<InetSocketAddress> received = client.receiveFrom(answer);
    assertEquals(new Received<>(4, false, server.localAddress()), received);
    assertEquals("ping", new String(answer.array(), 0, 4, StandardCharsets.UTF_8));
    assertEquals(transport, server.transport());
  }

  @Test
  void peekingTakesNothingAndTruncationIsTold() throws Exception {
    UdpSocket server = bind();
    UdpSocket client = bind();
    client.sendTo(bytes("abcdef"), server.localAddress());
    ByteBuffer small = ByteBuffer.allocate(2);
    assertTrue(server.peekFrom(small).truncated());
    small.clear();
    Received<InetSocketAddress> cut = server.receiveFrom(small);
    assertTrue(cut.truncated());
    assertEquals(6, cut.sizeBytes());
    assertEquals(2, small.position());
    assertNull(server.tryReceiveFrom(), "the rest is gone");
  }

  @Test
  void theLongestDatagramArrivesWholeAndALongerOneIsRefused() throws Exception {
    UdpSocket server = bind();
    UdpSocket client = bind();
    client.sendTo(ByteBuffer.allocate(65_507), server.localAddress());
    try (Datagram<InetSocketAddress> whole = server.receiveFrom()) {
      assertEquals(65_507, whole.bytes().readableBytes());
    }
    IoFailure refused =
        assertThrows(
            IoFailure.class,
            () -> client.sendTo(ByteBuffer.allocate(65_508), server.localAddress()));
    assertEquals("EMSGSIZE", refused.kind());
    assertTrue(refused.getMessage().contains("send 65508 bytes to"), refused.getMessage());
    assertTrue(refused.getMessage().contains("65,507"), refused.getMessage());
  }

  @Test
  void anEmptyDatagramArrivesAsOne() throws Exception {
    UdpSocket server = bind();
    UdpSocket client = bind();
    if (transport == Transport.NIO) {
      assertThrows(
          UnsupportedOperationException.class,
          () -> client.sendTo(ByteBuffer.allocate(0), server.localAddress()));
      return;
    }
    client.sendTo(ByteBuffer.allocate(0), server.localAddress());
    client.sendTo(bytes("x"), server.localAddress());
    assertEquals("", text(server.receiveFrom()));
    assertEquals("x", text(server.receiveFrom()));
  }

  @Test
  void aPeerIsTheOnlyOneHeardUntilItIsTakenAway() throws Exception {
    UdpSocket one = bind();
    UdpSocket peer = bind();
    UdpSocket stranger = bind();
    InetSocketAddress before = one.localAddress();
    assertThrows(NotYetConnectedException.class, () -> one.send(bytes("x")));
    one.connect(peer.localAddress());
    assertEquals(peer.localAddress(), one.peerAddress());
    stranger.sendTo(bytes("stranger"), before);
    peer.sendTo(bytes("peer"), before);
    ByteBuffer heard = ByteBuffer.allocate(16);
    assertEquals(4, one.receive(heard));
    one.send(bytes("to the peer"));
    assertEquals("to the peer", text(peer.receiveFrom()));
    one.disconnect();
    assertNull(one.peerAddress());
    assertEquals(before, one.localAddress());
    stranger.sendTo(bytes("stranger"), before);
    assertEquals("stranger", text(one.receiveFrom()));
    one.sendTo(bytes("hello stranger"), stranger.localAddress());
    assertEquals("hello stranger", text(stranger.receiveFrom()));
  }

  @Test
  void aRefusalIsToldOnceAndTheSocketGoesOn() throws Exception {
    UdpSocket gone = bind();
    InetSocketAddress address = gone.localAddress();
    gone.close();
    Await.until("it is closed", () -> !gone.isOpen() && portIsFree(address));
    UdpSocket client = bind();
    client.connect(address);
    client.send(bytes("anybody?"));
    IoFailure refused = assertThrows(IoFailure.class, client::receiveFrom);
    assertEquals("ECONNREFUSED", refused.kind());
    UdpSocket server = rig.closeLater(UdpSocket.bind(engine, address));
    client.send(bytes("now"));
    assertEquals("now", text(server.receiveFrom()));
    server.sendTo(bytes("yes"), client.localAddress());
    assertEquals("yes", text(client.receiveFrom()));
  }

  private static boolean portIsFree(InetSocketAddress address) {
    try (java.nio.channels.DatagramChannel probe = java.nio.channels.DatagramChannel.open()) {
      probe.bind(address);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void aFloodIsBoundedAndItsDropsAreCounted() throws Exception {
    UdpSocket server =
        rig.closeLater(
            UdpSocket.bind(
                engine,
                Wire.ANY_PORT,
                ListenOptions.defaults().set(SocketOptions.RECEIVE_BUFFER, 64 << 10)));
    UdpSocket client = bind();
    ByteBuffer kilobyte = ByteBuffer.allocate(1024);
    int sent = 6_000;
    for (int i = 0; i < sent; i++) {
      client.sendTo(kilobyte.clear(), server.localAddress());
    }
    long dropped = server.drops();
    assertTrue(dropped > 0, "nobody took any of " + sent);
    AtomicInteger taken = new AtomicInteger();
    Task<Void> taking =
        engine.spawn(
            () -> {
              while (true) {
                server.receiveFrom().close();
                taken.incrementAndGet();
              }
            });
    Await.until(
        () -> taken + " were taken and " + dropped + " dropped of " + sent,
        () -> taken.get() + server.drops() == sent);
    taking.cancel();
  }

  @Test
  void aReceiveThatIsCancelledLosesNoDatagram() throws Exception {
    UdpSocket server = bind();
    UdpSocket client = bind();
    int rounds = 200;
    AtomicInteger received = new AtomicInteger();
    for (int i = 0; i < rounds; i++) {
      CountDownLatch started = new CountDownLatch(1);
      Task<Void> receiver =
          engine.spawn(
              () -> {
                started.countDown();
                server.receiveFrom().close();
                received.incrementAndGet();
              });
      started.await();
      client.sendTo(bytes("x"), server.localAddress());
      receiver.cancel();
      Await.until("it has ended", receiver::isDone);
    }
    while (received.get() < rounds) {
      server.receiveFrom().close();
      received.incrementAndGet();
    }
    assertNull(server.tryReceiveFrom());
  }

  @Test
  void anInterruptedReceiveClearsTheStatusAndTheSocketGoesOn() throws Exception {
    UdpSocket server = bind();
    CompletableFuture<Boolean> interrupted =
        rig.beside(
            () -> {
              Thread.currentThread().interrupt();
              assertThrows(InterruptedIOException.class, server::receiveFrom);
              return Thread.currentThread().isInterrupted();
            });
    assertFalse(Rig.get(interrupted));
    bind().sendTo(bytes("later"), server.localAddress());
    assertEquals("later", text(server.receiveFrom()));
  }

  @Test
  void closingWakesWhoReceives() throws Exception {
    UdpSocket server = bind();
    CountDownLatch started = new CountDownLatch(1);
    Task<Void> receiver =
        engine.spawn(
            () -> {
              started.countDown();
              assertThrows(ClosedChannelException.class, server::receiveFrom);
            });
    started.await();
    engine.spawn(() -> {}).join();
    server.close();
    receiver.join();
  }

  @Test
  void manyTasksSendFromOneSocket() throws Exception {
    UdpSocket server = bind();
    UdpSocket client = bind();
    for (int i = 0; i < 8; i++) {
      engine.spawn(
          () -> {
            for (int j = 0; j < 10; j++) {
              client.sendTo(bytes("x"), server.localAddress());
            }
          });
    }
    for (int i = 0; i < 80; i++) {
      assertEquals("x", text(server.receiveFrom()));
    }
  }

  @Test
  void aBlockingCallOnTheLoopsOwnThreadIsRefused() throws Exception {
    UdpSocket server = bind();
    CompletableFuture<Throwable> refused = new CompletableFuture<>();
    engine
        .loops()
        .next()
        .execute(
            () -> refused.complete(assertThrows(IllegalStateException.class, server::receiveFrom)));
    assertTrue(Rig.get(refused).getMessage().contains("loop's own thread"));
  }

  @Test
  void thePollLevelAndTheFuturesWork() throws Exception {
    UdpSocket server = bind();
    UdpSocket client = bind();
    assertNull(server.tryReceiveFrom());
    client.writable();
    assertTrue(client.trySendTo(bytes("try"), server.localAddress()));
    server.readable();
    assertEquals("try", text(server.tryReceiveFrom()));
    CompletableFuture<Datagram<InetSocketAddress>> next = server.receiveFromAsync();
    Rig.get(
        client.sendToAsync(
            Unpooled.copiedBuffer("async", StandardCharsets.UTF_8), server.localAddress()));
    assertEquals("async", text(Rig.get(next)));
  }

  @Test
  void optionsAreReadBack() throws Exception {
    UdpSocket socket = bind();
    socket.set(SocketOptions.BROADCAST, true);
    assertEquals(true, socket.get(SocketOptions.BROADCAST));
    socket.set(SocketOptions.MULTICAST_TTL, 3);
    assertEquals(3, socket.get(SocketOptions.MULTICAST_TTL));
    socket.set(SocketOptions.MULTICAST_LOOP, false);
    assertEquals(false, socket.get(SocketOptions.MULTICAST_LOOP));
    socket.set(SocketOptions.TRAFFIC_CLASS, 0x20);
    assertEquals(0x20, socket.get(SocketOptions.TRAFFIC_CLASS));
    assertEquals(0, socket.drops());
  }

  @Test
  void whatIsSentToAGroupReachesItsMembersUntilTheyLeave() throws Exception {
    reachesMembers("0.0.0.0", "239.255.77.3", NetworkInterface.getByName("lo"));
  }

  @Test
  void whatIsSentToAnIpv6GroupReachesItsMembersUntilTheyLeave() throws Exception {
    // The loopback interface has no route for groups of IPv6.
    NetworkInterface on =
        NetworkInterface.networkInterfaces()
            .filter(UdpSocketContractTest::takesIpv6Groups)
            .findFirst()
            .orElse(null);
    assumeTrue(on != null, "no interface of this host takes IPv6 groups");
    reachesMembers("::", "ff02::7703", on);
  }

  private static boolean hasIpv6() throws IOException {
    return NetworkInterface.getByName("lo")
        .inetAddresses()
        .anyMatch(address -> address.getAddress().length == 16);
  }

  private static boolean takesIpv6Groups(NetworkInterface candidate) {
    try {
      return candidate.isUp()
          && candidate.supportsMulticast()
          && !candidate.isLoopback()
          && candidate.inetAddresses().anyMatch(address -> address.getAddress().length == 16);
    } catch (java.net.SocketException e) {
      return false;
    }
  }

  private void reachesMembers(String any, String groupAddress, NetworkInterface on)
      throws Exception {
    assumeTrue(on != null, "this host has no interface lo");
    InetAddress group = InetAddress.ofLiteral(groupAddress);
    UdpSocket member =
        rig.closeLater(
            UdpSocket.bind(engine, new InetSocketAddress(InetAddress.ofLiteral(any), 0)));
    UdpSocket sender =
        rig.closeLater(
            UdpSocket.bind(engine, new InetSocketAddress(InetAddress.ofLiteral(any), 0)));
    int port = member.localAddress().getPort();
    member.join(group, on);
    sender.multicastInterface(on);
    sender.set(SocketOptions.MULTICAST_LOOP, true);
    sender.sendTo(bytes("to all"), new InetSocketAddress(group, port));
    assertEquals("to all", text(member.receiveFrom()));
    member.leave(group, on);
    sender.sendTo(bytes("not to you"), new InetSocketAddress(group, port));
    sender.sendTo(
        bytes("to you"),
        new InetSocketAddress(InetAddress.ofLiteral(any.equals("::") ? "::1" : "127.0.0.1"), port));
    assertEquals("to you", text(member.receiveFrom()));
  }

  @Test
  void aDualStackSocketTalksToBothFamilies() throws Exception {
    assumeTrue(hasIpv6(), "this host has no IPv6");
    UdpSocket both =
        rig.closeLater(
            UdpSocket.bind(engine, new InetSocketAddress(InetAddress.ofLiteral("::"), 0)));
    int port = both.localAddress().getPort();
    UdpSocket four = bind();
    four.sendTo(bytes("four"), new InetSocketAddress("127.0.0.1", port));
    Datagram<InetSocketAddress> question = both.receiveFrom();
    both.sendTo(question.bytes(), question.sender());
    assertEquals("four", text(four.receiveFrom()));
    both.connect(four.localAddress());
    both.send(bytes("connected"));
    assertEquals("connected", text(four.receiveFrom()));
  }

  @Test
  void anUnclosedSocketIsClosedWithItsEngineBehindWhatWasSentAndKeepsWhatWasReceived()
      throws Exception {
    UdpSocket elsewhere = bind();
    Engine closing =
        rig.start(transport, options -> options.loops(1).drainTimeout(Duration.ofDays(1)));
    UdpSocket unclosed = UdpSocket.bind(closing, Wire.ANY_PORT);
    UdpSocket waiting = UdpSocket.bind(closing, Wire.ANY_PORT);
    CompletableFuture<Datagram<InetSocketAddress>> receiver = waiting.receiveFromAsync();
    CountDownLatch both = new CountDownLatch(1);
    CompletableFuture<Boolean> receiving =
        rig.beside(
            () -> {
              assertEquals("first", text(unclosed.receiveFrom()));
              assertEquals("second", text(unclosed.receiveFrom()));
              both.countDown();
              assertThrows(ClosedChannelException.class, unclosed::receiveFrom);
              return true;
            });
    elsewhere.sendTo(bytes("first"), unclosed.localAddress());
    elsewhere.sendTo(bytes("second"), unclosed.localAddress());
    elsewhere.sendTo(bytes("kept"), waiting.localAddress());
    assertEquals("kept", text(Rig.get(receiver)));
    elsewhere.sendTo(bytes("left"), waiting.localAddress());
    waiting.readable();
    CompletableFuture<?>[] sent = new CompletableFuture<?>[50];
    for (int i = 0; i < sent.length; i++) {
      sent[i] =
          waiting.sendToAsync(
              Unpooled.copiedBuffer("x", StandardCharsets.UTF_8), elsewhere.localAddress());
    }
    both.await();
    closing.close();
    Rig.get(CompletableFuture.allOf(sent));
    assertTrue(Rig.get(receiving));
    assertEquals("left", text(waiting.receiveFrom()));
    assertThrows(ClosedChannelException.class, waiting::receiveFrom);
    assertThrows(
        ClosedChannelException.class,
        () -> waiting.sendTo(bytes("late"), elsewhere.localAddress()));
    assertFalse(waiting.isOpen());
    for (int i = 0; i < sent.length; i++) {
      assertEquals("x", text(elsewhere.receiveFrom()));
    }
  }

  @Test
  void whatHadArrivedIsTakenAfterTheEngineHasEnded() throws Exception {
    Engine other = rig.start(transport);
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    UdpSocket receiver = UdpSocket.bind(other, loopback);
    UdpSocket sender = UdpSocket.bind(other, loopback);
    for (int i = 0; i < 700; i++) { // past the mark where reading pauses
      sender.sendTo(ByteBuffer.allocate(8), receiver.localAddress());
    }
    other.close();
    assertThrows(
        ClosedChannelException.class,
        () -> {
          for (; ; ) {
            receiver.tryReceiveFrom().close();
          }
        });
  }

  @Test
  void aReceiveThatIsCancelledLeavesTheNextOneWaiting() throws Exception {
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    UdpSocket socket = rig.closeLater(UdpSocket.bind(engine, loopback));
    var first = socket.receiveFromAsync();
    var refused = socket.receiveFromAsync();
    assertTrue(refused.isCompletedExceptionally(), "one receives at a time");
    first.cancel(false);
    var second = socket.receiveFromAsync();
    first.cancel(false);
    socket.sendTo(ByteBuffer.allocate(8), socket.localAddress());
    Rig.get(second).close();
  }
}
