package dev.headrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Task;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class ResolverContractTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private Engine engine;

  ResolverContractTest(Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() {
    engine = rig.start(transport);
  }

  private Resolver answering(String... addresses) {
    return Resolver.of(
        engine,
        host -> {
          InetAddress[] all = new InetAddress[addresses.length];
          for (int i = 0; i < all.length; i++) {
            all[i] = InetAddress.ofLiteral(addresses[i]);
          }
          return all;
        });
  }

  @Test
  void aNameOfThisHostHasAddresses() throws Exception {
    InetSocketAddress first = Resolver.lookup(engine, "localhost", 80).getFirst();
    assertTrue(first.getAddress().isLoopbackAddress());
    assertEquals(80, first.getPort());
    assertEquals(
        InetAddress.ofLiteral("127.0.0.1"),
        Rig.get(Resolver.lookupAsync(engine, "127.0.0.1", 1)).getFirst().getAddress());
  }

  @Test
  void aTaskLooksUpWhileItsLoopGoesOn() throws Exception {
    Task<Integer> task = engine.spawn(() -> Resolver.lookup(engine, "localhost", 7).size());
    assertTrue(task.join() >= 1);
  }

  @Test
  void aNameThatNobodyKnowsIsNamed() {
    Resolver nobody =
        Resolver.of(
            engine,
            host -> {
              throw new UnknownHostException(host);
            });
    UnknownHostException unknown =
        assertThrows(UnknownHostException.class, () -> nobody.lookup("nowhere.test", 1));
    assertTrue(unknown.getMessage().contains("nowhere.test"), unknown.getMessage());
    assertThrows(
        UnknownHostException.class,
        () -> TcpStream.connect(nobody, "nowhere.test", 1, ConnectOptions.defaults()));
  }

  @Test
  void eachAddressIsTriedUntilOneAnswers() throws Exception {
    ServerSocketChannel server = rig.closeLater(Wire.listen(Wire.ANY_PORT));
    int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
    try (TcpStream stream =
        TcpStream.connect(
            answering("127.0.0.3", "127.0.0.2", "127.0.0.1"),
            "many.test",
            port,
            ConnectOptions.defaults())) {
      assertEquals("127.0.0.1", stream.remoteAddress().getAddress().getHostAddress());
    }
    try (TcpStream stream = TcpStream.connect(engine, "127.0.0.1", port)) {
      assertEquals(port, stream.remoteAddress().getPort());
    }
    try (TcpStream stream =
        TcpStream.connect(engine, InetSocketAddress.createUnresolved("127.0.0.1", port))) {
      assertEquals(port, stream.remoteAddress().getPort());
    }
  }

  @Test
  void whenNoneAnswersAllThatWereTriedAreNamed() throws Exception {
    int port = closedPort();
    IoFailure refused =
        assertThrows(
            IoFailure.class,
            () ->
                TcpStream.connect(
                    answering("127.0.0.2", "127.0.0.1"),
                    "many.test",
                    port,
                    ConnectOptions.defaults()));
    assertEquals("ECONNREFUSED", refused.kind());
    assertTrue(
        refused.getMessage().contains("tried 127.0.0.2:" + port + ", 127.0.0.1:" + port),
        refused.getMessage());
    Await.until("nothing is open", () -> engine.stats().open() == 0);
  }

  private static int closedPort() throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      return taken.getLocalPort();
    }
  }

  @Test
  void aLookupThatIsCancelledConnectsToNobody() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    Resolver slow =
        Resolver.of(
            engine,
            host -> {
              asked.countDown();
              try {
                never.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              throw new UnknownHostException("gave up");
            });
    CompletableFuture<TcpStream> connecting =
        TcpStream.connectAsync(slow, "slow.test", 1, ConnectOptions.defaults());
    asked.await();
    connecting.cancel(false);
    assertThrows(CancellationException.class, connecting::join);
    Task<TcpStream> task =
        engine.spawn(() -> TcpStream.connect(slow, "slow.test", 1, ConnectOptions.defaults()));
    task.cancel();
    assertThrows(
        Exception.class,
        () -> {
          try {
            task.get();
          } catch (ExecutionException e) {
            throw (Exception) e.getCause();
          }
        });
    assertEquals(0, engine.stats().open());
  }

  @Test
  void aLookupThatFindsNoAddressIsAnUnknownHost() {
    Resolver empty = answering();
    assertThrows(UnknownHostException.class, () -> empty.lookup("nowhere.test", 1));
    CompletableFuture<TcpStream> connecting =
        TcpStream.connectAsync(empty, "nowhere.test", 1, ConnectOptions.defaults());
    ExecutionException failed =
        assertThrows(ExecutionException.class, () -> connecting.get(10, TimeUnit.SECONDS));
    assertTrue(failed.getCause() instanceof UnknownHostException, failed.toString());
  }

  @Test
  void aStepThatThrowsFailsTheConnection() {
    CompletableFuture<TcpStream> connecting =
        TcpStream.connectAsync(answering("127.0.0.1"), "nowhere.test", 1, null);
    assertThrows(ExecutionException.class, () -> connecting.get(10, TimeUnit.SECONDS));
  }
}
