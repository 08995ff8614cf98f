package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Sequence;
import dev.headrace.fixture.Wire;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What is left after each of these, pipes too, is counted by the rig: it must be nothing. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class ProxyShutdownTest {
  private static final int PAIRS = 6;
  private static final long ENDLESS = Long.MAX_VALUE / 2;
  private static final int MEBIBYTE = 1 << 20;

  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private final List<Pair> pairs = new ArrayList<>();
  private final AtomicLong moved = new AtomicLong();
  private Engine engine;

  ProxyShutdownTest(Transport transport) {
    this.transport = transport;
  }

  /** A client, and the upstream that it is forwarded to. */
  private record Pair(SocketChannel client, SocketChannel upstream, Sequence words) {}

  private void start(Duration drainTimeout) throws IOException {
    engine = rig.start(transport, options -> options.drainTimeout(drainTimeout));
    rig.captureLogs();
    ServerSocketChannel listener = rig.closeLater(Wire.listen(Wire.ANY_PORT));
    SocketAddress proxy =
        Proxy.serve(engine, Wire.ANY_PORT, listener.getLocalAddress()).localAddress();
    for (int i = 0; i < PAIRS; i++) {
      SocketChannel client = rig.closeLater(Wire.connect(proxy));
      pairs.add(new Pair(client, rig.closeLater(listener.accept()), new Sequence(i)));
    }
  }

  private interface Speaking {
    void run() throws IOException;
  }

  /** Counts in {@link #moved} what arrives, each byte checked, until the end or an error. */
  private long hear(SocketChannel channel, Sequence words) throws IOException {
    long position = 0;
    while (true) {
      int read = words.readSome(channel, position, 64 << 10);
      if (read < 0) {
        return position;
      }
      position += read;
      moved.addAndGet(read);
    }
  }

  private CompletableFuture<Boolean> untilCut(Speaking speaking) {
    return rig.beside(
        () -> {
          try {
            speaking.run();
          } catch (IOException cut) {
            return true;
          }
          return true;
        });
  }

  @Test
  void bulksThatNeverEndAreCutAtTheDeadlineAndNothingIsLeft() throws Exception {
    start(Duration.ofMillis(100));
    List<CompletableFuture<Boolean>> ends = new ArrayList<>();
    for (Pair pair : pairs) {
      // 1. Up goes a bulk, down small messages; each third upstream does not read at all.
      ends.add(untilCut(() -> pair.words.send(pair.client, 0, ENDLESS)));
      ends.add(untilCut(() -> pair.words.send(pair.upstream, 0, ENDLESS, 50)));
      ends.add(untilCut(() -> hear(pair.client, pair.words)));
      if (pairs.indexOf(pair) % 3 != 0) {
        ends.add(untilCut(() -> hear(pair.upstream, pair.words)));
      }
    }
    Await.until("it flows", () -> moved.get() > 64 * MEBIBYTE);
    // 2. The deadline passes.
    engine.close();
    assertEquals(0, engine.stats().open());
    assertEquals(0, engine.stats().buffersInUse());
    for (Pair pair : pairs) {
      pair.upstream.close();
    }
    for (CompletableFuture<Boolean> end : ends) {
      assertTrue(Rig.get(end));
    }
  }

  @Test
  void aPairThatIsOpenAtTheDeadlineIsResetOnBothSides() throws Exception {
    start(Duration.ofMillis(100));
    for (Pair pair : pairs) {
      Wire.send(pair.client, new byte[10]);
      Wire.read(pair.upstream, 10);
      Wire.send(pair.upstream, new byte[20]);
      Wire.read(pair.client, 20);
    }
    engine.close();
    for (Pair pair : pairs) {
      assertTrue(Wire.isReset(pair.client));
      assertTrue(Wire.isReset(pair.upstream));
    }
  }

  @Test
  void whatEndsBeforeTheDeadlineArrivesWhole() throws Exception {
    start(Duration.ofSeconds(40));
    int count = 6 * MEBIBYTE;
    AtomicLong gate = new AtomicLong();
    List<CompletableFuture<Long>> heard = new ArrayList<>();
    List<CompletableFuture<Void>> said = new ArrayList<>();
    for (Pair pair : pairs) {
      int slice = pairs.indexOf(pair) % 2 == 0 ? 64 << 10 : 2_000;
      for (SocketChannel from : List.of(pair.client, pair.upstream)) {
        // 1. Half of it is on its way, and the rest waits until the engine closes.
        said.add(
            rig.beside(
                () -> {
                  pair.words.send(from, 0, count / 2, slice);
                  Await.until("the engine closes", () -> gate.get() > 0);
                  pair.words.send(from, count / 2, count / 2, slice);
                  from.shutdownOutput();
                  return null;
                }));
      }
      heard.add(rig.beside(() -> hear(pair.upstream, pair.words)));
      heard.add(rig.beside(() -> hear(pair.client, pair.words)));
    }
    Await.until("it flows", () -> moved.get() > MEBIBYTE);
    CompletableFuture<Void> closed =
        rig.beside(
            () -> {
              gate.set(1);
              engine.close();
              return null;
            });
    // 2. All is said, and heard, while it drains.
    for (CompletableFuture<Void> one : said) {
      Rig.get(one);
    }
    for (CompletableFuture<Long> one : heard) {
      assertEquals(count, Rig.get(one));
    }
    Rig.get(closed);
    assertEquals(0, engine.stats().open());
    assertEquals(0, engine.stats().buffersInUse());
  }
}
