package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.net.StreamLimits;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
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
    rig.beside(
        () -> {
          while (true) {
            Wire.send(stuck.client(), new byte[64 << 10]);
          }
        });
    Await.until("it is ended", () -> proxy.stats().limited() == 1);
    Await.until("nobody is left", () -> proxy.stats().open() == 0);
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

  @Test
  void withoutLimitsNothingIsEnded() throws Exception {
    serve(StreamLimits.NONE);
    Ends idle = connect();
    Await.settled(() -> proxy.stats().limited());
    Wire.send(idle.client(), new byte[] {3});
    assertEquals(3, Wire.read(idle.upstream(), 1)[0]);
  }
}
