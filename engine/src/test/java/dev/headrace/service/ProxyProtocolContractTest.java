package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#all")
@Timeout(60)
class ProxyProtocolContractTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Place place;
  private Engine engine;
  private Proxy proxy;
  private SocketChannel client;
  private ServerSocketChannel listener;

  ProxyProtocolContractTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void start() throws IOException {
    engine = rig.start(place.transport());
    listener = rig.closeLater(Wire.listen(place.free()));
  }

  private void serve(ProxyProtocol version) throws IOException {
    proxy =
        Proxy.serve(
            engine,
            place.free(),
            ProxyOptions.to(listener.getLocalAddress()).proxyProtocol(version));
    client = rig.closeLater(Wire.connect(proxy.localAddress()));
  }

  /** What Netty's decoder, and so an upstream, takes the first bytes for; it leaves the rest. */
  private static void decode(
      byte[] received, byte[] rest, java.util.function.Consumer<HAProxyMessage> check) {
    EmbeddedChannel decoder = new EmbeddedChannel(new HAProxyMessageDecoder());
    decoder.writeInbound(Unpooled.wrappedBuffer(received));
    HAProxyMessage message = decoder.readInbound();
    check.accept(message);
    message.release();
    ByteBuf left = decoder.readInbound();
    byte[] bytes = new byte[left.readableBytes()];
    left.readBytes(bytes);
    left.release();
    assertArrayEquals(rest, bytes);
    decoder.finishAndReleaseAll();
  }

  private byte[] sentThrough(byte[] bytes) throws Exception {
    SocketChannel upstream = rig.closeLater(listener.accept());
    CompletableFuture<byte[]> arrived = rig.beside(() -> Wire.readToEnd(upstream));
    Wire.send(client, bytes);
    client.shutdownOutput();
    return Rig.get(arrived);
  }

  private void tellsTheClient(HAProxyMessage message) {
    try {
      InetSocketAddress from = (InetSocketAddress) client.getLocalAddress();
      InetSocketAddress to = (InetSocketAddress) proxy.localAddress();
      assertEquals(HAProxyCommand.PROXY, message.command());
      assertEquals(HAProxyProxiedProtocol.TCP4, message.proxiedProtocol());
      assertEquals("127.0.0.1", message.sourceAddress());
      assertEquals("127.0.0.1", message.destinationAddress());
      assertEquals(from.getPort(), message.sourcePort());
      assertEquals(to.getPort(), message.destinationPort());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theLineOfVersionOneComesBeforeTheFirstByte() throws Exception {
    serve(ProxyProtocol.V1);
    byte[] bytes = Wire.randomBytes(new Random(1), 100_000);
    byte[] arrived = sentThrough(bytes);
    decode(
        arrived,
        bytes,
        message -> {
          if (place.isTcp()) {
            tellsTheClient(message);
          } else {
            assertEquals(HAProxyProxiedProtocol.UNKNOWN, message.proxiedProtocol());
          }
        });
    assertEquals(bytes.length, proxy.stats().bytesToUpstream());
  }

  @Test
  void theHeaderOfVersionTwoComesBeforeTheFirstByte() throws Exception {
    serve(ProxyProtocol.V2);
    byte[] bytes = Wire.randomBytes(new Random(2), 100_000);
    decode(
        sentThrough(bytes),
        bytes,
        message -> {
          if (place.isTcp()) {
            tellsTheClient(message);
          } else {
            assertEquals(HAProxyProxiedProtocol.UNIX_STREAM, message.proxiedProtocol());
            assertEquals(
                ((UnixDomainSocketAddress) proxy.localAddress()).getPath().toString(),
                message.destinationAddress().replace("\0", ""));
          }
        });
  }

  @Test
  void theHeaderComesAtOnceThoughTheClientSaysNothing() throws Exception {
    serve(ProxyProtocol.V1);
    SocketChannel upstream = rig.closeLater(listener.accept());
    assertEquals(
        "PROXY ", new String(Wire.read(upstream, 6), java.nio.charset.StandardCharsets.US_ASCII));
  }

  @Test
  void theHeaderComesBeforeWhatAClientSentEarly() throws Exception {
    assumeTrue(place.isTcp(), "a Unix socket is connected at once, or not at all");
    listener = rig.closeLater(ServerSocketChannel.open().bind(Wire.ANY_PORT, 1));
    for (int i = 0; i < 2; i++) {
      rig.closeLater(Wire.connect(listener.getLocalAddress()));
    }
    serve(ProxyProtocol.V2);
    byte[] bytes = Wire.randomBytes(new Random(3), 60_000);
    Wire.send(client, bytes);
    client.shutdownOutput();
    dev.headrace.fixture.Await.until("the proxy connects", () -> engine.stats().open() == 2);
    for (int i = 0; i < 2; i++) {
      listener.accept().close();
    }
    SocketChannel upstream = rig.closeLater(listener.accept());
    decode(Wire.readToEnd(upstream), bytes, this::tellsTheClient);
    assertEquals(bytes.length, proxy.stats().bytesToUpstream());
  }

  @Test
  void addressesThatDoNotFitTogetherAreUnknown() throws Exception {
    SocketAddress v4 = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 1);
    SocketAddress v6 = new InetSocketAddress(InetAddress.getByName("2001:db8::1"), 2);
    SocketAddress unix = Place.freePath();
    for (SocketAddress[] ends : new SocketAddress[][] {{v4, v6}, {v6, unix}, {unix, v4}}) {
      assertNull(ProxyHeader.message(ProxyProtocol.V1, ends[0], ends[1]));
      HAProxyMessage binary = ProxyHeader.message(ProxyProtocol.V2, ends[0], ends[1]);
      assertEquals(HAProxyCommand.LOCAL, binary.command());
      assertEquals(HAProxyProxiedProtocol.UNKNOWN, binary.proxiedProtocol());
      binary.release();
    }
  }

  @Test
  void ipv6IsToldWithoutItsScope() throws Exception {
    byte[] linkLocal = InetAddress.getByName("fe80::1").getAddress();
    SocketAddress scoped =
        new InetSocketAddress(java.net.Inet6Address.getByAddress(null, linkLocal, 1), 5);
    for (ProxyProtocol version : new ProxyProtocol[] {ProxyProtocol.V1, ProxyProtocol.V2}) {
      HAProxyMessage message = ProxyHeader.message(version, scoped, scoped);
      assertEquals(HAProxyProxiedProtocol.TCP6, message.proxiedProtocol());
      assertTrue(message.sourceAddress().indexOf('%') < 0, message.sourceAddress());
      message.release();
    }
  }
}
