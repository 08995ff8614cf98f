package dev.headrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.AbstractUnixAddress;
import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Task;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.linux.Descriptors;
import dev.headrace.linux.Sockets;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
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
class UnixDatagramContractTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private Engine engine;

  UnixDatagramContractTest(Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() {
    engine = rig.start(transport);
    assumeTrue(engine.hasEpoll(), "no epoll on this host");
  }

  private UnixDatagram bind() throws IOException {
    return rig.closeLater(UnixDatagram.bind(engine, Place.freePath()));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static String text(Datagram<SocketAddress> datagram) {
    try (datagram) {
      return datagram.bytes().toString(StandardCharsets.UTF_8);
    }
  }

  @Test
  void aDatagramSaysWhoSentItAndIsAnswered() throws Exception {
    UnixDatagram server = bind();
    UnixDatagram client = bind();
    client.sendTo(bytes("ping"), server.localAddress());
    Datagram<SocketAddress> question = server.receiveFrom();
    assertEquals(client.localAddress(), question.sender());
    assertEquals("ping", text(question));
    server.sendTo(bytes("pong"), question.sender());
    assertEquals("pong", text(client.receiveFrom()));
    assertEquals(Transport.EPOLL, server.transport());
  }

  @Test
  void whoHasNoAddressIsHeardButNotKnown() throws Exception {
    UnixDatagram server = bind();
    UnixDatagram client = rig.closeLater(UnixDatagram.unbound(engine));
    client.connect(server.localAddress());
    assertEquals(server.localAddress(), client.peerAddress());
    client.send(bytes("hello"));
    client.send(ByteBuffer.allocate(0));
    Datagram<SocketAddress> hello = server.receiveFrom();
    assertEquals(UnixDomainSocketAddress.of(""), hello.sender());
    assertEquals("hello", text(hello));
    assertEquals("", text(server.receiveFrom()), "an empty datagram is one");
  }

  @Test
  void aPairKeepsItsBoundariesAndKnowsItsPeer() throws Exception {
    UnixDatagram.Pair pair = UnixDatagram.pair(engine);
    rig.closeLater(pair.first());
    rig.closeLater(pair.second());
    pair.first().send(bytes("one"));
    pair.first().send(bytes("three"));
    ByteBuffer two = ByteBuffer.allocate(2);
    assertEquals("one", text(pair.second().receiveFrom()));
    assertTrue(pair.second().peekFrom(two).truncated());
    two.clear();
    Received<SocketAddress> cut = pair.second().receiveFrom(two);
    assertEquals(5, cut.sizeBytes());
    assertTrue(cut.truncated());
    assertNull(pair.second().tryReceiveFrom());
    assertEquals(ProcessHandle.current().pid(), pair.first().peerCredentials().pid());
  }

  @Test
  void aLargeDatagramArrivesWholeAndOneThatIsTooLargeIsRefused() throws Exception {
    UnixDatagram server = bind();
    UnixDatagram client = rig.closeLater(UnixDatagram.unbound(engine));
    client.sendTo(ByteBuffer.allocate(150_000), server.localAddress());
    try (Datagram<SocketAddress> whole = server.receiveFrom()) {
      assertEquals(150_000, whole.bytes().readableBytes());
    }
    IoFailure refused =
        assertThrows(
            IoFailure.class,
            () -> client.sendTo(ByteBuffer.allocate(16 << 20), server.localAddress()));
    assertEquals("EMSGSIZE", refused.kind());
    assertTrue(refused.getMessage().contains("send buffer"), refused.getMessage());
  }

  @Test
  void anAbstractNameIsAnAddressLikeAnother() throws Exception {
    AbstractUnixAddress name =
        AbstractUnixAddress.of("headrace-d-" + ProcessHandle.current().pid() + transport);
    UnixDatagram server = rig.closeLater(UnixDatagram.bind(engine, name));
    assertEquals(name, server.localAddress());
    UnixDatagram client = bind();
    client.sendTo(bytes("x"), name);
    assertEquals("x", text(server.receiveFrom()));
    assertThrows(IoFailure.class, () -> UnixDatagram.bind(engine, name));
  }

  @Test
  void aStalePathIsReplacedAndALiveOneIsNot() throws Exception {
    UnixDomainSocketAddress path = Place.freePath();
    int dead = Sockets.unixDatagram();
    Sockets.bindUnix(dead, path.getPath().toString().getBytes(StandardCharsets.UTF_8));
    Descriptors.close(dead);
    assertTrue(Files.exists(path.getPath()));
    UnixDatagram socket = rig.closeLater(UnixDatagram.bind(engine, path));
    IoFailure taken = assertThrows(IoFailure.class, () -> UnixDatagram.bind(engine, path));
    assertEquals("EADDRINUSE", taken.kind());
    socket.close();
    assertFalse(Files.exists(path.getPath()));
    IoFailure nobody = assertThrows(IoFailure.class, () -> bind().sendTo(bytes("x"), path));
    assertEquals("ENOENT", nobody.kind());
    IoFailure tooLong =
        assertThrows(
            IoFailure.class,
            () -> UnixDatagram.bind(engine, UnixDomainSocketAddress.of("/tmp/" + "x".repeat(103))));
    assertTrue(tooLong.getMessage().contains("107 bytes"), tooLong.getMessage());
  }

  @Test
  void aReceiverThatIsFullHoldsItsSendersUpAndLosesNothing() throws Exception {
    UnixDatagram server = bind();
    UnixDatagram stranger = rig.closeLater(UnixDatagram.unbound(engine));
    UnixDatagram peer = rig.closeLater(UnixDatagram.unbound(engine));
    peer.connect(server.localAddress());
    int each = 500;
    AtomicInteger sent = new AtomicInteger();
    engine.spawn(
        () -> {
          for (int i = 0; i < each; i++) {
            peer.send(bytes("x"));
            sent.incrementAndGet();
          }
        });
    engine.spawn(
        () -> {
          for (int i = 0; i < each; i++) {
            stranger.sendTo(bytes("x"), server.localAddress());
            sent.incrementAndGet();
          }
        });
    long waiting = Await.settled(() -> (long) sent.get());
    assertTrue(waiting < 2 * each, waiting + " were sent to somebody who takes none");
    for (int i = 0; i < 2 * each; i++) {
      assertEquals("x", text(server.receiveFrom()));
    }
    assertNull(server.tryReceiveFrom());
  }

  @Test
  void aReceiveThatIsCancelledLosesNoDatagram() throws Exception {
    UnixDatagram server = bind();
    UnixDatagram client = rig.closeLater(UnixDatagram.unbound(engine));
    AtomicInteger received = new AtomicInteger();
    int rounds = 200;
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
      while (!client.trySendTo(bytes("x"), server.localAddress())) {
        server.receiveFrom().close();
        received.incrementAndGet();
      }
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
  void theFuturesWork() throws Exception {
    UnixDatagram server = bind();
    UnixDatagram client = bind();
    CompletableFuture<Datagram<SocketAddress>> next = server.receiveFromAsync();
    Rig.get(client.sendToAsync(bytes("async"), server.localAddress()));
    assertEquals("async", text(Rig.get(next)));
  }

  @Test
  void sendsThatWaitForTheSameReceiverKeepTheirOrder() throws Exception {
    UnixDatagram server = bind();
    UnixDatagram client = rig.closeLater(UnixDatagram.unbound(engine));
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      sent.add(client.sendToAsync(bytes("" + i), server.localAddress()));
    }
    assertFalse(sent.getLast().isDone());
    for (int i = 0; i < 2_000; i++) {
      assertEquals("" + i, text(server.receiveFrom()));
    }
    for (CompletableFuture<Void> done : sent) {
      Rig.get(done);
    }
  }

  @Test
  void closingTheEngineLeavesNeitherAPathNorASendThatWaits() throws Exception {
    Engine other = rig.start(transport);
    UnixDomainSocketAddress path = Place.freePath();
    UnixDatagram.bind(other, path);
    UnixDatagram server = bind();
    UnixDatagram client = UnixDatagram.unbound(other);
    while (client.trySendTo(bytes("x"), server.localAddress())) {
      // until it is full
    }
    CompletableFuture<Void> waits = client.sendToAsync(bytes("y"), server.localAddress());
    assertFalse(waits.isDone());
    assertTrue(Files.exists(path.getPath()));
    other.close();
    ExecutionException failed =
        assertThrows(ExecutionException.class, () -> waits.get(10, TimeUnit.SECONDS));
    assertInstanceOf(ClosedChannelException.class, failed.getCause());
    Await.until("the path is gone", () -> !Files.exists(path.getPath()));
  }

  @Test
  void closingTheSocketFailsASendThatWaits() throws Exception {
    UnixDatagram server = bind();
    UnixDatagram client = UnixDatagram.unbound(engine);
    while (client.trySendTo(bytes("x"), server.localAddress())) {
      // until it is full
    }
    CompletableFuture<Void> waits = client.sendToAsync(bytes("y"), server.localAddress());
    client.close();
    ExecutionException failed =
        assertThrows(ExecutionException.class, () -> waits.get(10, TimeUnit.SECONDS));
    assertInstanceOf(ClosedChannelException.class, failed.getCause());
  }
}
