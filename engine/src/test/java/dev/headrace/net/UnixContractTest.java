package dev.headrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.AbstractUnixAddress;
import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.io.Streams;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class UnixContractTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private Engine engine;

  UnixContractTest(Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() {
    engine = rig.start(transport);
    assumeTrue(engine.hasEpoll(), "no epoll on this host");
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  static String readToEnd(dev.headrace.io.ByteSource source) throws IOException {
    StringBuilder all = new StringBuilder();
    for (ByteBuf next = source.receive(); next != null; next = source.receive()) {
      all.append(next.toString(StandardCharsets.UTF_8));
      next.release();
    }
    return all.toString();
  }

  @Test
  void whoEndsFirstStillGetsTheRest() throws Exception {
    UnixListener listener = rig.closeLater(UnixListener.bind(engine, Place.freePath()));
    CompletableFuture<String> served =
        rig.beside(
            () -> {
              try (UnixStream client = listener.accept()) {
                String question = readToEnd(client);
                client.write(bytes("answer to " + question));
                client.shutdownOutput();
                return question;
              }
            });
    try (UnixStream client =
        UnixStream.connect(engine, (UnixDomainSocketAddress) listener.localAddress())) {
      client.write(bytes("question"));
      client.shutdownOutput();
      assertEquals("answer to question", readToEnd(client));
      assertEquals(Transport.EPOLL, client.transport());
      assertEquals(Transport.EPOLL, listener.transport());
      assertEquals(listener.localAddress(), client.remoteAddress());
    }
    assertEquals("question", Rig.get(served));
  }

  @Test
  void anAuxiliaryLoopCountsAndCarriesTasks() throws Exception {
    int before = engine.stats().loops().size();
    UnixListener listener = rig.closeLater(UnixListener.bind(engine, Place.freePath()));
    CompletableFuture<Void> serving =
        rig.beside(
            () -> {
              listener.serve(client -> Streams.copy(client, client));
              return null;
            });
    try (UnixStream client =
        UnixStream.connect(engine, (UnixDomainSocketAddress) listener.localAddress())) {
      client.write(bytes("hello"));
      ByteBuffer answer = ByteBuffer.allocate(5);
      while (answer.hasRemaining()) {
        client.read(answer);
      }
      assertEquals("hello", new String(answer.array(), StandardCharsets.UTF_8));
      assertEquals(2, engine.stats().open());
      assertEquals(1, engine.stats().openTasks());
      assertEquals(
          transport == Transport.EPOLL ? before : 2 * before, engine.stats().loops().size());
    }
    Await.until("both are closed", () -> engine.stats().open() == 0);
    listener.close();
    Rig.get(serving);
  }

  @Test
  void aPairTalksAndKnowsItsPeer() throws Exception {
    UnixStream.Pair pair = UnixStream.pair(engine);
    try (UnixStream first = pair.first();
        UnixStream second = pair.second()) {
      first.write(bytes("ping"));
      first.shutdownOutput();
      assertEquals("ping", readToEnd(second));
      second.write(bytes("pong"));
      second.shutdownOutput();
      assertEquals("pong", readToEnd(first));
      assertEquals(ProcessHandle.current().pid(), first.peerCredentials().pid());
      assertTrue(first.peerCredentials().uid() >= 0);
    }
  }

  @Test
  void aTaskOnOneEndOfAPairWaitsForTheOther() throws Exception {
    UnixStream.Pair pair = UnixStream.pair(engine);
    var echo = pair.first().spawn(() -> Streams.copy(pair.first(), pair.first()));
    try (UnixStream second = pair.second()) {
      second.write(bytes("x"));
      ByteBuffer answer = ByteBuffer.allocate(1);
      assertEquals(1, second.read(answer));
      second.shutdownOutput();
      assertNull(second.receive());
    }
    echo.join();
  }

  @Test
  void anAbstractNameIsListenedAtAndConnectedTo() throws Exception {
    AbstractUnixAddress name =
        AbstractUnixAddress.of("headrace-" + ProcessHandle.current().pid() + "-" + transport);
    UnixListener listener = rig.closeLater(UnixListener.bind(engine, name));
    assertEquals(name, listener.localAddress());
    try (UnixStream client = UnixStream.connect(engine, name);
        UnixStream accepted = listener.accept()) {
      client.write(bytes("hi"));
      client.shutdownOutput();
      assertEquals("hi", readToEnd(accepted));
      assertEquals(name, client.remoteAddress());
      assertEquals(ProcessHandle.current().pid(), accepted.peerCredentials().pid());
    }
    listener.close();
    IoFailure refused = assertThrows(IoFailure.class, () -> UnixStream.connect(engine, name));
    assertEquals("ECONNREFUSED", refused.kind());
    assertTrue(refused.getMessage().contains("unix:@headrace-"), refused.getMessage());
  }

  @Test
  void aPathThatIsTooLongIsRefusedWithTheLimit() {
    UnixDomainSocketAddress tooLong = UnixDomainSocketAddress.of("/tmp/" + "x".repeat(103));
    IoFailure bind = assertThrows(IoFailure.class, () -> UnixListener.bind(engine, tooLong));
    IoFailure connect = assertThrows(IoFailure.class, () -> UnixStream.connect(engine, tooLong));
    for (IoFailure failure : new IoFailure[] {bind, connect}) {
      assertEquals("ENAMETOOLONG", failure.kind());
      assertTrue(failure.getMessage().contains("107 bytes"), failure.getMessage());
    }
    assertThrows(IllegalArgumentException.class, () -> AbstractUnixAddress.of("x".repeat(108)));
  }
}
