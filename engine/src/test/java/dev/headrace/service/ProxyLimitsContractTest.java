package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.net.StreamLimits;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#all")
@Timeout(60)
class ProxyLimitsContractTest {
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final Duration LONGER_THAN_A_PAUSE = Duration.ofMillis(3500); // of the host
  private static final Duration A_LITTLE = Duration.ofMillis(250);
  private static final Duration STOPS_AFTER = Duration.ofSeconds(1);
  private static final int LITTLE_BYTES = 32 << 10;

  @RegisterExtension final Rig rig = new Rig();
  private final Place place;
  private Engine engine;
  private ServerSocketChannel listener;
  private Proxy proxy;

  ProxyLimitsContractTest(Place place) {
    this.place = place;
  }

  /** A client and the upstream that it reached. */
  private record Ends(SocketChannel client, SocketChannel upstream) {}

  @BeforeEach
  void start() throws IOException {
    engine = rig.start(place.transport());
    rig.captureLogs();
    listener = rig.closeLater(Wire.listen(place.free()));
  }

  private void serve(StreamLimits limits) throws IOException {
    proxy =
        Proxy.serve(
            engine, place.free(), ProxyOptions.to(listener.getLocalAddress()).limits(limits));
  }

  private Ends connect() throws IOException {
    SocketChannel client = rig.closeLater(Wire.connect(proxy.localAddress()));
    return new Ends(client, rig.closeLater(listener.accept()));
  }

  private void bothSidesEnd(Ends ends) {
    assertTrue(Wire.ends(ends.client()));
    assertTrue(Wire.ends(ends.upstream()));
  }

  @Test
  void anIdlePairIsEndedOnBothSidesWhileABusyOneLives() throws Exception {
    serve(StreamLimits.idle(IDLE));
    Ends idle = connect();
    Ends busy = connect();
    Await.until(
        "the idle one is ended",
        () -> {
          Wire.send(busy.client(), new byte[1]);
          Wire.read(busy.upstream(), 1);
          return proxy.stats().limited() == 1;
        });
    bothSidesEnd(idle);
    Wire.send(busy.upstream(), new byte[] {9});
    assertEquals(9, Wire.read(busy.client(), 1)[0]);
    assertEquals(1, proxy.stats().open());
  }

  @Test
  void bytesTowardsTheClientKeepAPairAliveAsWell() throws Exception {
    serve(StreamLimits.idle(IDLE));
    Ends idle = connect();
    Ends answered = connect();
    Await.until(
        "the idle one is ended",
        () -> {
          Wire.send(answered.upstream(), new byte[1]);
          Wire.read(answered.client(), 1);
          return proxy.stats().limited() == 1;
        });
    bothSidesEnd(idle);
    assertEquals(1, proxy.stats().open());
  }

  @Test
  void aPairThatIsStuckIsIdle() throws Exception {
    serve(StreamLimits.idle(IDLE));
    Ends stuck = connect();
    flood(stuck.client());
    Await.until("it is ended", () -> proxy.stats().limited() == 1);
    Await.until("nobody is left", () -> proxy.stats().open() == 0);
  }

  /** Sends without end, until it is cut. */
  private void flood(SocketChannel from) {
    rig.beside(
        () -> {
          while (true) {
            Wire.send(from, new byte[64 << 10]);
          }
        });
  }

  @Test
  void aReaderThatTakesALittleNowAndThenIsNotIdleAndOneThatTakesNothingIs() throws Exception {
    assumeTrue(place.transport() != Transport.NIO, "the JDK does not say what its sockets hold");
    if (place.isTcp()) { // or the kernel tells of room only when much was read
      listener.setOption(StandardSocketOptions.SO_RCVBUF, LITTLE_BYTES);
    }
    serve(StreamLimits.idle(LONGER_THAN_A_PAUSE));
    Ends up = connect();
    Ends down = connect();
    Ends stuck = connect();
    Ends stopping = connect();
    flood(up.client());
    flood(down.upstream());
    flood(stuck.client());
    flood(stopping.client());
    // Two readers are slow until the end, one stops after a second, and one never reads. The one
    // that stops is ended well after what was never read: so reading has counted.
    long begun = System.nanoTime();
    AtomicLong taken = new AtomicLong(begun);
    Await.until(
        "those that do not read are ended",
        () -> {
          long now = System.nanoTime();
          if (now - taken.get() > A_LITTLE.toNanos()) {
            taken.set(now);
            Wire.read(up.upstream(), LITTLE_BYTES);
            Wire.read(down.client(), LITTLE_BYTES);
            if (now - begun < STOPS_AFTER.toNanos()) {
              Wire.read(stopping.upstream(), LITTLE_BYTES);
            }
          }
          return proxy.stats().limited() >= 2;
        });
    assertEquals(2, proxy.stats().limited());
    assertEquals(2, proxy.stats().open());
    assertTrue(Wire.ends(stuck.client()));
    assertTrue(Wire.ends(stopping.client()));
  }

  @Test
  void aBusyPairIsEndedWhenItsLifetimeIsOver() throws Exception {
    serve(StreamLimits.NONE.lifetime(Duration.ofMillis(300)));
    Ends busy = connect();
    Await.until(
        "it is ended",
        () -> {
          if (proxy.stats().limited() == 0) {
            try {
              Wire.send(busy.client(), new byte[1]);
            } catch (IOException ended) {
              return true;
            }
          }
          return proxy.stats().limited() == 1;
        });
    Await.until("nobody is left", () -> proxy.stats().open() == 0);
    assertEquals(1, proxy.stats().limited());
  }

  @Test
  void aClosedProxyStillEndsTheIdlePairsThatLiveOn() throws Exception {
    serve(StreamLimits.idle(Duration.ofMillis(300)));
    Ends idle = connect();
    Await.until("it is connected", () -> proxy.stats().connects() == 1);
    proxy.close();
    bothSidesEnd(idle);
    Await.until("it is counted", () -> proxy.stats().limited() == 1);
  }

  /** Of the JDK's own timer, which the limits are looked at by. */
  private static boolean isScheduled() {
    return ForkJoinPool.commonPool().getDelayedTaskCount() > 0;
  }

  @Test
  void theTimerEndsWithTheLastPairThoughTheProxyGoesOn() throws Exception {
    Await.until("other timers have ended", () -> !isScheduled());
    serve(StreamLimits.idle(Duration.ofMillis(800)).lifetime(Duration.ofDays(1)));
    List<Ends> pairs = connectMany();
    Await.until("it is scheduled", ProxyLimitsContractTest::isScheduled);
    for (Ends ends : pairs) {
      ends.client().close();
      ends.upstream().close();
    }
    Await.until("nothing is scheduled", () -> !isScheduled());
    // The next pair is held to the limits again.
    bothSidesEnd(connect());
    Await.until("nothing is scheduled", () -> !isScheduled());
  }

  @Test
  void theTimerOfALongLimitEndsWithAClosedProxyAndItsLastPair() throws Exception {
    Await.until("other timers have ended", () -> !isScheduled());
    serve(StreamLimits.idle(Duration.ofDays(1)));
    List<Ends> pairs = connectMany();
    Await.until("all are connected", () -> proxy.stats().connects() == pairs.size());
    proxy.close();
    Await.until("it is scheduled", ProxyLimitsContractTest::isScheduled);
    for (Ends ends : pairs) {
      ends.client().close();
      ends.upstream().close();
    }
    Await.until("nothing is scheduled", () -> !isScheduled());
  }

  @Test
  void theTimerEndsWithItsEngineWhateverWasOpen() throws Exception {
    Await.until("other timers have ended", () -> !isScheduled());
    engine = rig.start(place.transport(), options -> options.drainTimeout(Duration.ofMillis(100)));
    serve(StreamLimits.NONE.lifetime(Duration.ofDays(1)));
    connectMany();
    Await.until("it is scheduled", ProxyLimitsContractTest::isScheduled);
    engine.close();
    Await.until("nothing is scheduled", () -> !isScheduled());
  }

  /** Enough for each loop to have some. */
  private List<Ends> connectMany() throws IOException {
    List<Ends> pairs = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      pairs.add(connect());
    }
    return pairs;
  }

  @Test
  void withoutLimitsNothingIsEnded() throws Exception {
    serve(StreamLimits.NONE);
    Ends idle = connect();
    Await.settled(() -> proxy.stats().limited());
    Wire.send(idle.client(), new byte[] {3});
    assertEquals(3, Wire.read(idle.upstream(), 1)[0]);
  }
}
