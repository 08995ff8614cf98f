package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.headrace.Engine;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Logs;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Talk;
import dev.headrace.fixture.Wire;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Connections that talk and are cut at random. {@code -Dheadrace.random.seconds=600} goes on for
 * longer, {@code -Dheadrace.random.seed=…} begins with the talks of a run that failed.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
class ProxyRandomTest {
  private static final long SECONDS = Long.getLong("headrace.random.seconds", 20);
  private static final long SEED = Long.getLong("headrace.random.seed", System.nanoTime());
  private static final int AT_ONCE = 6;

  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private Engine engine;
  private Logs logs;

  ProxyRandomTest(Transport transport) {
    this.transport = transport;
  }

  @Test
  void whateverTheTwoSidesDoEachHearsWhatTheOtherSaidOrAnError() throws Exception {
    engine = rig.start(transport);
    logs = rig.captureLogs();
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      workers.add(new Worker(new Random(SEED + i)));
    }
    for (Worker worker : workers) { // each loop has now what it keeps
      worker.talk();
    }
    awaitNothingOpen();
    long kept = engine.stats().buffersInUse();

    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    List<CompletableFuture<Void>> running = new ArrayList<>();
    for (Worker worker : workers) {
      running.add(rig.beside(() -> worker.talkUntil(deadline)));
    }
    try {
      for (CompletableFuture<Void> one : running) {
        one.get(SECONDS + 60, TimeUnit.SECONDS);
      }
    } catch (Exception e) {
      throw new AssertionError("-Dheadrace.random.seed=" + SEED, e);
    }
    awaitNothingOpen();
    Await.until(
        () -> "no more than " + kept + " buffers are in use: " + engine.stats(),
        () -> engine.stats().buffersInUse() <= kept);
    assertEquals(List.of(), logs.formatted().stream().filter(told -> !mayBeTold(told)).toList());
  }

  /** An upstream may reset before the proxy has seen that it is connected. */
  private static boolean mayBeTold(String warning) {
    return warning.startsWith("connect ") && warning.contains("ECONNRESET");
  }

  private void awaitNothingOpen() {
    Await.until(() -> "all is closed: " + engine.stats(), () -> engine.stats().open() == 0);
  }

  /** Has one connection after another, through a proxy of its own on the engine of all. */
  private final class Worker {
    private final ServerSocketChannel listener = rig.closeLater(Wire.listen(Wire.ANY_PORT));
    private final SocketAddress proxy;
    private final Random random;

    Worker(Random random) throws IOException {
      this.random = random;
      proxy = Proxy.serve(engine, Wire.ANY_PORT, listener.getLocalAddress()).localAddress();
    }

    Void talkUntil(long deadline) throws Exception {
      while (System.nanoTime() - deadline < 0) {
        talk();
      }
      return null;
    }

    void talk() throws Exception {
      SocketChannel client = Wire.connect(proxy);
      Talk.over(rig, random.nextLong(), client, accepted(client));
    }

    private SocketChannel accepted(SocketChannel client) throws Exception {
      try {
        return Rig.get(rig.beside(listener::accept));
      } catch (TimeoutException e) {
        throw new AssertionError(
            client + " did not come to its upstream: " + engine.stats() + logs.warnings(), e);
      }
    }
  }
}
