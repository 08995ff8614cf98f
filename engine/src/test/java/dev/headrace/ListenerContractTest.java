package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.fixture.Await;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.service.Discard;
import dev.headrace.service.Echo;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
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
class ListenerContractTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Place place;
  private Engine engine;

  ListenerContractTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine = rig.start(place.transport());
  }

  private void echoes(SocketChannel client) throws IOException {
    Wire.send(client, new byte[] {4, 2});
    assertArrayEquals(new byte[] {4, 2}, Wire.read(client, 2));
  }

  private SocketChannel connect(SocketAddress address) throws IOException {
    return rig.closeLater(Wire.connect(address));
  }

  @Test
  void saysWhereItListens() throws Exception {
    SocketAddress asked = place.free();
    SocketAddress given = Echo.serve(engine, asked).localAddress();
    if (place.isTcp()) {
      assertNotEquals(0, ((InetSocketAddress) given).getPort());
    } else {
      assertEquals(asked, given);
    }
  }

  @Test
  void closedItAcceptsNoMoreAndItsConnectionsLiveOn() throws Exception {
    Listener listener = Echo.serve(engine, place.free());
    SocketAddress address = listener.localAddress();
    SocketChannel client = connect(address);
    echoes(client);
    listener.close();
    listener.close();
    // The JDK gives a selector's descriptor back at the next select, a moment later.
    Await.until("connections are refused", () -> refuses(address));
    echoes(client);
    if (!place.isTcp()) {
      assertFalse(Files.exists(((UnixDomainSocketAddress) address).getPath()));
    }
  }

  private static boolean refuses(SocketAddress address) {
    try (SocketChannel late = Wire.connect(address)) {
      return !late.isConnected();
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void anAddressThatIsTakenIsRefusedWithTheRemedyAndItsOwnerLivesOn() throws Exception {
    SocketAddress taken = Echo.serve(engine, place.free()).localAddress();
    IoFailure failure = assertThrows(IoFailure.class, () -> Discard.serve(engine, taken));
    assertEquals("EADDRINUSE", failure.kind());
    assertTrue(
        failure.getMessage().startsWith("bind " + IoFailure.text(taken)), failure::getMessage);
    assertTrue(failure.getMessage().contains("EADDRINUSE"), failure::getMessage);
    assertTrue(failure.getMessage().contains("another process listens"), failure::getMessage);
    echoes(connect(taken));
  }

  @Test
  void anAddressOfAnotherHostIsRefusedWithTheCause() {
    assumeTrue(place.isTcp(), "a path is always of this host");
    InetSocketAddress elsewhere = new InetSocketAddress("192.0.2.1", 7000);
    IoFailure failure = assertThrows(IoFailure.class, () -> Echo.serve(engine, elsewhere));
    assertEquals("EADDRNOTAVAIL", failure.kind());
    assertEquals(
        "bind 192.0.2.1:7000: EADDRNOTAVAIL (Cannot assign requested address):"
            + " that is no address of this host",
        failure.getMessage());
  }

  @Test
  void aSocketFileLeftOverIsReplaced() throws Exception {
    assumeFalse(place.isTcp(), "ports leave no files");
    UnixDomainSocketAddress address = Place.freePath();
    ServerSocketChannel dead = Wire.listen(address);
    dead.close(); // the JDK leaves the file
    assertTrue(Files.exists(address.getPath()));
    Echo.serve(engine, address);
    echoes(connect(address));
  }

  @Test
  void aFileThatIsNoSocketIsNeverReplaced() throws Exception {
    assumeFalse(place.isTcp(), "ports have no files");
    Path precious = Files.createTempFile("headrace", ".precious");
    Files.writeString(precious, "precious");
    IoFailure failure =
        assertThrows(
            IoFailure.class, () -> Echo.serve(engine, UnixDomainSocketAddress.of(precious)));
    assertEquals("EADDRINUSE", failure.kind());
    assertTrue(failure.getMessage().contains("no socket"), failure::getMessage);
    assertEquals("precious", Files.readString(precious));
    Files.delete(precious);
  }

  @Test
  void plainNettyHandlersServeAndConnectThroughTheBootstraps() throws Exception {
    SocketAddress free = place.free();
    Channel server =
        engine.serverBootstrap(free).childHandler(new Shouting()).bind().sync().channel();
    SocketAddress address = place.isTcp() ? server.localAddress() : free;
    CompletableFuture<String> heard = new CompletableFuture<>();
    Channel client =
        engine.bootstrap(address).handler(new Hearing(heard)).connect().sync().channel();
    client.writeAndFlush(Unpooled.copiedBuffer("over there", StandardCharsets.US_ASCII)).sync();
    assertEquals("OVER THERE", Rig.get(heard));
    assertEquals(1, engine.stats().accepted());
    assertEquals(2, engine.stats().open());
    client.close().sync();
    server.close().sync();
    Await.until("both sides are closed", () -> engine.stats().open() == 0);
    if (!place.isTcp()) {
      Files.deleteIfExists(((UnixDomainSocketAddress) free).getPath());
    }
  }

  @Sharable
  private static final class Shouting extends SimpleChannelInboundHandler<ByteBuf> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf heard) {
      String loud = heard.toString(StandardCharsets.US_ASCII).toUpperCase(Locale.ROOT);
      context.writeAndFlush(Unpooled.copiedBuffer(loud, StandardCharsets.US_ASCII));
    }
  }

  private static final class Hearing extends SimpleChannelInboundHandler<ByteBuf> {
    private final CompletableFuture<String> heard;
    private final StringBuilder text = new StringBuilder();

    Hearing(CompletableFuture<String> heard) {
      this.heard = heard;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
      text.append(bytes.toString(StandardCharsets.US_ASCII));
      if (text.length() == "over there".length()) {
        heard.complete(text.toString());
      }
    }
  }
}
