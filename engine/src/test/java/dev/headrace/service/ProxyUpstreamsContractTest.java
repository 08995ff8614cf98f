package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Logs;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#all")
@Timeout(60)
class ProxyUpstreamsContractTest {
  private static final Duration NEVER_IN_A_TEST = Duration.ofHours(1);

  @RegisterExtension final Rig rig = new Rig();
  private final Place place;
  private Engine engine;
  private Logs logs;

  ProxyUpstreamsContractTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine = rig.start(place.transport());
    logs = rig.captureLogs();
  }

  /** Where nothing listens, and something may later. */
  private SocketAddress nobody() throws IOException {
    ServerSocketChannel closed = Wire.listen(place.free());
    SocketAddress address = closed.getLocalAddress();
    closed.close();
    if (address instanceof UnixDomainSocketAddress unix) {
      Files.delete(unix.getPath());
    } else {
      // No other process gets the port meanwhile; who listens there later may, beside this one.
      rig.closeLater(SocketChannel.open())
          .setOption(StandardSocketOptions.SO_REUSEADDR, true)
          .bind(address);
    }
    return address;
  }

  private SocketAddress echo() throws IOException {
    return Echo.serve(engine, place.free()).localAddress();
  }

  private Proxy proxy(ProxyOptions options) throws IOException {
    return Proxy.serve(engine, place.free(), options);
  }

  private SocketChannel connect(Proxy proxy) throws IOException {
    return rig.closeLater(Wire.connect(proxy.localAddress()));
  }

  /** Whether a byte comes back, so that the client has an upstream. */
  private void isServed(Proxy proxy) throws IOException {
    SocketChannel client = connect(proxy);
    Wire.send(client, new byte[] {7});
    assertArrayEquals(new byte[] {7}, Wire.read(client, 1));
  }

  private static ProxyStats.Upstream upstream(Proxy proxy, int index) {
    return proxy.stats().upstreams().get(index);
  }

  @Test
  void upstreamsTakeClientsInTurn() throws Exception {
    Proxy proxy = proxy(ProxyOptions.to(echo(), echo(), echo()));
    for (int i = 0; i < 9; i++) {
      isServed(proxy);
    }
    for (int i = 0; i < 3; i++) {
      assertEquals(3, upstream(proxy, i).connects());
      assertEquals(3, upstream(proxy, i).open());
    }
    assertEquals(List.of(), logs.warnings());
  }

  @Test
  void aClientOfAnUpstreamThatRefusesGoesToTheNextAndThatOneRests() throws Exception {
    Proxy proxy = proxy(ProxyOptions.to(nobody(), echo()).rest(NEVER_IN_A_TEST));
    for (int i = 0; i < 6; i++) {
      isServed(proxy);
    }
    assertEquals(1, upstream(proxy, 0).failures());
    assertTrue(upstream(proxy, 0).resting());
    assertEquals(6, upstream(proxy, 1).connects());
    assertEquals(0, proxy.stats().refusals());
    assertEquals(1, logs.formatted().size(), () -> "told once: " + logs.formatted());
    assertTrue(logs.formatted().getFirst().contains(" rests for PT1H; failures in a row: 1"));
  }

  @Test
  void anUpstreamRestsOnlyAfterSoManyFailuresInARow() throws Exception {
    Proxy proxy =
        proxy(ProxyOptions.to(nobody(), echo()).rest(NEVER_IN_A_TEST).failuresBeforeRest(2));
    isServed(proxy);
    assertEquals(1, upstream(proxy, 0).failures());
    assertEquals(false, upstream(proxy, 0).resting());
    isServed(proxy);
    isServed(proxy);
    assertEquals(2, upstream(proxy, 0).failures());
    assertTrue(upstream(proxy, 0).resting());
  }

  @Test
  void anUpstreamThatComesBackIsUsedAgain() throws Exception {
    SocketAddress back = nobody();
    Proxy proxy = proxy(ProxyOptions.to(back, echo()).rest(Duration.ofMillis(50)));
    isServed(proxy);
    assertEquals(1, upstream(proxy, 0).failures());
    Echo.serve(engine, back);
    Await.until(
        "it is tried again, and taken back",
        () -> {
          isServed(proxy);
          return upstream(proxy, 0).connects() > 0;
        });
    assertEquals(false, upstream(proxy, 0).resting());
    assertEquals(0, proxy.stats().refusals());
  }

  @Test
  void aClientThatEveryUpstreamRefusesIsResetAndCounted() throws Exception {
    Proxy proxy = proxy(ProxyOptions.to(nobody(), nobody(), nobody()).rest(NEVER_IN_A_TEST));
    assertTrue(Wire.ends(connect(proxy)));
    Await.until("it is counted", () -> proxy.stats().refusals() == 1);
    for (int i = 0; i < 3; i++) {
      assertEquals(1, upstream(proxy, i).failures());
      assertTrue(upstream(proxy, i).resting());
    }
    assertTrue(
        logs.formatted().getLast().startsWith("connect "), () -> logs.formatted().toString());
    Await.until("nobody is left", () -> proxy.stats().open() == 0);
  }

  @Test
  void whenAllRestTheyAreTriedAllTheSame() throws Exception {
    SocketAddress first = nobody();
    Proxy proxy = proxy(ProxyOptions.to(first, nobody()).rest(NEVER_IN_A_TEST));
    assertTrue(Wire.ends(connect(proxy)));
    Await.until("both rest", () -> upstream(proxy, 0).resting() && upstream(proxy, 1).resting());
    Echo.serve(engine, first);
    isServed(proxy);
    assertEquals(false, upstream(proxy, 0).resting());
  }

  private ServerSocketChannel fullBacklog() throws IOException {
    assumeTrue(place.isTcp(), "a Unix socket is connected at once, or not at all");
    ServerSocketChannel full = rig.closeLater(ServerSocketChannel.open().bind(Wire.ANY_PORT, 1));
    for (int i = 0; i < 2; i++) {
      rig.closeLater(Wire.connect(full.getLocalAddress()));
    }
    return full;
  }

  @Test
  void anUpstreamThatDoesNotAnswerInTimeIsToldAndItsClientIsReset() throws Exception {
    SocketAddress silent = fullBacklog().getLocalAddress();
    Proxy proxy = proxy(ProxyOptions.to(silent).connectTimeout(Duration.ofMillis(150)));
    SocketChannel client = connect(proxy);
    assertTrue(Wire.ends(client));
    Await.until("it is counted", () -> proxy.stats().refusals() == 1);
    String told = logs.formatted().getFirst();
    assertTrue(told.startsWith("connect ") && told.contains("timed out"), told);
    assertEquals(1, logs.formatted().size(), () -> "told once: " + logs.formatted());
  }

  @Test
  void anUpstreamThatDoesNotAnswerLeavesTimeForTheNext() throws Exception {
    SocketAddress silent = fullBacklog().getLocalAddress();
    Proxy proxy = proxy(ProxyOptions.to(silent, echo()).connectTimeout(Duration.ofSeconds(2)));
    isServed(proxy);
    assertEquals(1, upstream(proxy, 0).failures());
    assertTrue(upstream(proxy, 0).resting());
  }

  @Test
  void aClientWhoseUpstreamIsStillConnectingIsServedWhileTheEngineDrains() throws Exception {
    ServerSocketChannel slow = fullBacklog();
    Proxy proxy = proxy(ProxyOptions.to(slow.getLocalAddress()));
    SocketAddress closedAfterIt = echo();
    SocketChannel client = connect(proxy);
    Await.until("the proxy connects", () -> engine.stats().open() == 2);
    var closed =
        rig.beside(
            () -> {
              engine.close();
              return true;
            });
    Await.until("it accepts no more", () -> refuses(closedAfterIt));
    for (int i = 0; i < 2; i++) {
      slow.accept().close();
    }
    SocketChannel upstream = rig.closeLater(slow.accept());
    Wire.send(client, new byte[] {1, 2});
    assertArrayEquals(new byte[] {1, 2}, Wire.read(upstream, 2));
    client.close();
    upstream.close();
    assertTrue(Rig.get(closed));
  }

  private static boolean refuses(SocketAddress address) {
    try (SocketChannel late = Wire.connect(address)) {
      return !late.isConnected();
    } catch (IOException refused) {
      return true;
    }
  }

  @Test
  void optionsThatMakeNoSenseAreRefusedWithTheRemedy() {
    ProxyOptions good = ProxyOptions.to(new InetSocketAddress("127.0.0.1", 1));
    assertRefused("name one at least", ProxyOptions::to);
    assertRefused(
        "resolve its host", () -> ProxyOptions.to(InetSocketAddress.createUnresolved("a", 1)));
    assertRefused("has no port", () -> ProxyOptions.to(Wire.ANY_PORT));
    assertRefused("more than zero", () -> good.connectTimeout(Duration.ZERO));
    assertRefused("0 to PT24H", () -> good.connectTimeout(Duration.ofDays(2)));
    assertRefused("rest is PT-1S", () -> good.rest(Duration.ofSeconds(-1)));
    assertRefused("failuresBeforeRest is 0", () -> good.failuresBeforeRest(0));
  }

  private static void assertRefused(String remedy, org.junit.jupiter.api.function.Executable made) {
    String message = assertThrows(IllegalArgumentException.class, made).getMessage();
    assertTrue(message.contains(remedy), message);
  }
}
