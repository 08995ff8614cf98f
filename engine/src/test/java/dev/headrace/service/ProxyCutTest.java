package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Logs;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Sequence;
import dev.headrace.fixture.Wire;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections that are cut where it hurts most. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class ProxyCutTest {
  private static final long BULK_BYTES = 64L << 20;

  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private Engine engine;
  private Logs logs;

  ProxyCutTest(Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() {
    engine = rig.start(transport);
    logs = rig.captureLogs();
  }

  @Test
  void aClientThatResetsWhileItIsWrittenToIsNoCleanEndForItsUpstream() throws Exception {
    ServerSocketChannel listener = rig.closeLater(Wire.listen(Wire.ANY_PORT));
    SocketChannel client = connectTo(listener.getLocalAddress());
    SocketChannel upstream = rig.closeLater(listener.accept());
    Sequence words = new Sequence(1);
    // 1. Both send what the other does not read, until nothing moves.
    CompletableFuture<Void> sending =
        rig.beside(
            () -> {
              words.send(client, 0, BULK_BYTES);
              return null;
            });
    fill(upstream);
    // 2. The client resets: it has not said everything.
    Wire.reset(client);
    assertThrows(Exception.class, () -> Rig.get(sending));
    // 3. The upstream must not take what it gets for all.
    assertThrows(IOException.class, () -> words.readToEnd(upstream, 0));
  }

  /** Sends until there has been no room for a while; nobody sends when the reset comes. */
  private static void fill(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    ByteBuffer block = ByteBuffer.allocate(64 << 10);
    long refused = 0;
    for (long since = 0; refused == 0 || since < TimeUnit.MILLISECONDS.toNanos(200); ) {
      if (channel.write(block.clear()) > 0) {
        refused = 0;
        since = 0;
      } else if (refused == 0) {
        refused = System.nanoTime();
      } else {
        since = System.nanoTime() - refused;
        Thread.onSpinWait();
      }
    }
    channel.configureBlocking(true);
  }

  private SocketChannel connectTo(SocketAddress upstream) throws IOException {
    SocketAddress proxy = Proxy.serve(engine, Wire.ANY_PORT, upstream).localAddress();
    return rig.closeLater(Wire.connect(proxy));
  }

  @Test
  void aClientThatHangsUpWhileItsUpstreamIsConnectedLeavesNothing() throws Exception {
    hangsUp(SocketChannel::close);
  }

  @Test
  void aClientThatResetsWhileItsUpstreamIsConnectedLeavesNothing() throws Exception {
    hangsUp(Wire::reset);
  }

  private interface HangUp {
    void of(SocketChannel client) throws IOException;
  }

  private void hangsUp(HangUp hangUp) throws Exception {
    ServerSocketChannel listener =
        rig.closeLater(ServerSocketChannel.open().bind(Wire.ANY_PORT, 1));
    SocketAddress address = listener.getLocalAddress();
    List<SocketChannel> queue = new ArrayList<>();
    // 1. The backlog is filled: the proxy's connection waits, and the kernel tries it again later.
    for (int i = 0; i < 2; i++) {
      queue.add(rig.closeLater(Wire.connect(address)));
    }
    SocketChannel client = connectTo(address);
    Wire.send(client, new byte[1_000]);
    Await.until("the proxy connects", () -> engine.stats().open() == 2);
    // 2. The client hangs up.
    hangUp.of(client);
    // 3. There is room in the backlog again; whoever comes out of it ends.
    for (int i = 0; i < queue.size(); i++) {
      listener.accept().close();
    }
    listener.configureBlocking(false);
    Await.until(
        () -> "all is closed: " + engine.stats(),
        () -> {
          SocketChannel late = listener.accept();
          if (late != null) {
            late.close();
          }
          return engine.stats().open() == 0;
        });
    assertEquals(List.of(), logs.warnings());
  }

  @Test
  void clientsThatComeAndResetAtOnceLeaveNothing() throws Exception {
    SocketAddress echo = Echo.serve(engine, Wire.ANY_PORT).localAddress();
    SocketAddress proxy = Proxy.serve(engine, Wire.ANY_PORT, echo).localAddress();
    for (int i = 0; i < 200; i++) {
      SocketChannel client = Wire.connect(proxy);
      Wire.send(client, new byte[i]);
      Wire.reset(client);
    }
    Await.until(() -> "all is closed: " + engine.stats(), () -> engine.stats().open() == 0);
    SocketChannel next = rig.closeLater(Wire.connect(proxy));
    Wire.send(next, new byte[] {4});
    assertEquals(4, Wire.read(next, 1)[0]);
    assertTrue(logs.warnings().isEmpty(), logs.warnings()::toString);
  }
}
