package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.BadRelay;
import dev.headrace.fixture.BadRelay.Manner;
import dev.headrace.fixture.Logs;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Sequence;
import dev.headrace.fixture.Wire;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A bad network on both sides of the proxy: bytes arrive whole and in order, or an error does. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class ProxyBadNetworkTest {
  private static final Sequence THERE = new Sequence(1);
  private static final Sequence BACK = new Sequence(2);

  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private Engine engine;
  private Logs logs;
  private SocketChannel client;
  private SocketChannel upstream;

  ProxyBadNetworkTest(Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() {
    engine = rig.start(transport);
    logs = rig.captureLogs();
  }

  private void connect(Manner before, Manner behind) throws IOException {
    ServerSocketChannel listener = rig.closeLater(Wire.listen(Wire.ANY_PORT));
    BadRelay second = rig.closeLater(BadRelay.to(listener.getLocalAddress(), behind));
    SocketAddress proxy = Proxy.serve(engine, Wire.ANY_PORT, second.localAddress()).localAddress();
    BadRelay first = rig.closeLater(BadRelay.to(proxy, before));
    client = rig.closeLater(Wire.connect(first.localAddress()));
    upstream = rig.closeLater(listener.accept());
  }

  private CompletableFuture<Void> send(Sequence words, SocketChannel channel, int count) {
    return rig.beside(
        () -> {
          words.send(channel, 0, count);
          channel.shutdownOutput();
          return null;
        });
  }

  private void allArrives(int count) throws Exception {
    List<CompletableFuture<Void>> said =
        List.of(send(THERE, client, count), send(BACK, upstream, count));
    CompletableFuture<Long> there = rig.beside(() -> THERE.readToEnd(upstream, 0));
    assertEquals(count, BACK.readToEnd(client, 0));
    assertEquals(count, Rig.get(there));
    for (CompletableFuture<Void> one : said) {
      Rig.get(one);
    }
    everythingEnds();
  }

  private void everythingEnds() {
    Await.until(() -> "both sides are closed: " + engine.stats(), () -> engine.stats().open() == 0);
    assertEquals(List.of(), logs.formatted());
  }

  @Test
  void oneByteAtATimeOnBothSides() throws Exception {
    connect(Manner.ONE_BYTE, Manner.ONE_BYTE);
    allArrives(40_000);
  }

  @Test
  void smallPiecesIntoALateNetwork() throws Exception {
    connect(Manner.SLICED, Manner.LATE);
    allArrives(1 << 20);
  }

  @Test
  void aLateNetworkIntoSmallPieces() throws Exception {
    connect(Manner.LATE, Manner.SLICED);
    allArrives(1 << 20);
  }

  @Test
  void aResetInTheMiddleIsSeenOnBothSidesAndWhatArrivedIsRight() throws Exception {
    for (int i = 0; i < 10; i++) {
      boolean before = i % 2 == 0;
      Manner resets = Manner.resetAfter(1 + i * 50_000L);
      connect(before ? resets : Manner.SLICED, before ? Manner.SLICED : resets);
      List<CompletableFuture<Boolean>> ends =
          List.of(
              rig.beside(() -> ends(() -> THERE.send(client, 0, 8 << 20))),
              rig.beside(() -> ends(() -> BACK.send(upstream, 0, 8 << 20))),
              rig.beside(() -> ends(() -> THERE.readToEnd(upstream, 0))),
              rig.beside(() -> ends(() -> BACK.readToEnd(client, 0))));
      for (CompletableFuture<Boolean> end : ends) {
        assertTrue(Rig.get(end));
      }
    }
    client.close();
    upstream.close();
    everythingEnds();
  }

  private interface Moving {
    void run() throws IOException;
  }

  private static boolean ends(Moving moving) {
    try {
      moving.run();
    } catch (IOException cut) {
      return true;
    }
    return true;
  }
}
