package dev.headrace.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Listener;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class UdpEchoContractTest {
  private static final int LARGEST = 65_507;
  private static final int PATIENCE_MILLIS = 20_000;

  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private Engine engine;

  UdpEchoContractTest(Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() {
    engine = rig.start(transport);
  }

  private DatagramSocket client(SocketAddress echo) throws IOException {
    DatagramSocket client = rig.closeLater(new DatagramSocket(null));
    client.connect(echo);
    client.setSoTimeout(PATIENCE_MILLIS);
    return client;
  }

  private static void send(DatagramSocket client, byte[] bytes) throws IOException {
    client.send(new java.net.DatagramPacket(bytes, bytes.length));
  }

  private static byte[] receive(DatagramSocket client) throws IOException {
    byte[] buffer = new byte[70_000];
    java.net.DatagramPacket packet = new java.net.DatagramPacket(buffer, buffer.length);
    client.receive(packet);
    return Arrays.copyOf(buffer, packet.getLength());
  }

  @Test
  void everySizeUpToTheLargestComesBackWhole() throws Exception {
    DatagramSocket client = client(UdpEcho.serve(engine, Wire.ANY_PORT).localAddress());
    Random random = new Random(8);
    for (int size : new int[] {1, 63, 1472, 1473, 9000, 16_384, 16_385, 65_506, LARGEST}) {
      byte[] bytes = Wire.randomBytes(random, size);
      send(client, bytes);
      assertArrayEquals(bytes, receive(client), size + " bytes");
    }
    assertEquals(0, engine.stats().open(), "a UDP socket is no connection");
  }

  /** Netty 4.2.18 takes an empty datagram for one that is sent already. */
  @Test
  void anEmptyDatagramIsNotAnsweredAndHoldsUpNoOther() throws Exception {
    DatagramSocket client = client(UdpEcho.serve(engine, Wire.ANY_PORT).localAddress());
    for (byte i = 0; i < 20; i++) {
      send(client, new byte[0]);
      send(client, new byte[] {i});
      assertArrayEquals(new byte[] {i}, receive(client));
    }
  }

  @Test
  void anIpv6SocketAnswersAndItsWildcardTakesIpv4() throws Exception {
    assumeTrue(
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .anyMatch(address -> address.getHostAddress().startsWith("0:0:0:0:0:0:0:1")),
        "no IPv6 here");
    InetSocketAddress bound =
        (InetSocketAddress) UdpEcho.serve(engine, new InetSocketAddress("::", 0)).localAddress();
    for (String host : new String[] {"::1", "127.0.0.1"}) {
      DatagramSocket client = client(new InetSocketAddress(host, bound.getPort()));
      send(client, new byte[] {4, 6});
      assertArrayEquals(new byte[] {4, 6}, receive(client), host);
    }
  }

  @Test
  void aSenderThatIsGoneEndsNothing() throws Exception {
    SocketAddress echo = UdpEcho.serve(engine, Wire.ANY_PORT).localAddress();
    for (int i = 0; i < 50; i++) {
      try (DatagramChannel gone = DatagramChannel.open()) {
        gone.send(ByteBuffer.wrap(new byte[] {1}), echo);
      }
    }
    DatagramSocket client = client(echo);
    send(client, new byte[] {7});
    assertArrayEquals(new byte[] {7}, receive(client));
  }

  @Test
  void anAnswerThatCannotBeSentIsCountedAndToldOfOnce() throws Exception {
    var logs = rig.captureLogs();
    Listener failing =
        engine.listenForDatagrams(
            Wire.ANY_PORT,
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext context, Object message) {
                DatagramPacket packet = (DatagramPacket) message;
                packet.release();
                context.writeAndFlush(
                    new DatagramPacket(Unpooled.directBuffer().writeZero(70_000), packet.sender()),
                    context.voidPromise());
              }
            });
    DatagramSocket client = client(failing.localAddress());
    for (int i = 1; i <= 20; i++) {
      int sent = i;
      send(client, new byte[] {1});
      Await.until("it is counted", () -> engine.stats().datagramFailures() == sent);
    }
    assertEquals(1, logs.warnings().stream().filter(line -> line.contains("EMSGSIZE")).count());
  }

  /** Keeps what a socket of the test's own received, and what went wrong with it. */
  @Sharable
  private static final class Witness extends ChannelInboundHandlerAdapter {
    final List<Throwable> errors = new CopyOnWriteArrayList<>();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      errors.add(cause);
    }
  }

  @Test
  void aPortThatNobodyHasIsRefusedAndTheSocketLivesOn() throws Exception {
    SocketAddress nobody;
    try (DatagramSocket closedAgain = new DatagramSocket(Wire.ANY_PORT)) {
      nobody = closedAgain.getLocalSocketAddress();
    }
    Witness witness = new Witness();
    Channel socket =
        engine
            .datagramBootstrap(Wire.ANY_PORT)
            .handler(witness)
            .connect(nobody)
            .syncUninterruptibly()
            .channel();
    socket.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {1}));
    Await.until("ICMP came", () -> !witness.errors.isEmpty());
    assertEquals("ECONNREFUSED", IoFailure.kindOf(witness.errors.getFirst()));
    assertTrue(socket.isOpen());
    socket.close().syncUninterruptibly();
  }

  @Test
  void aDatagramOverTheLimitIsAnErrorThatNamesIt() throws Exception {
    SocketAddress echo = UdpEcho.serve(engine, Wire.ANY_PORT).localAddress();
    Channel socket =
        engine
            .datagramBootstrap(Wire.ANY_PORT, engine.loops().next())
            .handler(new Witness())
            .connect(echo)
            .syncUninterruptibly()
            .channel();
    var sent = socket.writeAndFlush(Unpooled.directBuffer().writeZero(LARGEST + 1));
    IoFailure failure = IoFailure.of("send to", echo, sent.awaitUninterruptibly().cause());
    assertEquals("EMSGSIZE", failure.kind());
    assertTrue(failure.getMessage().contains("65,507"), failure.getMessage());
    assertTrue(
        socket.writeAndFlush(Unpooled.directBuffer().writeZero(LARGEST)).await().isSuccess());
    socket.close().syncUninterruptibly();
  }

  @Test
  void aFloodWhoseAnswersNobodyReadsGrowsNoMemory() throws Exception {
    SocketAddress echo = UdpEcho.serve(engine, Wire.ANY_PORT).localAddress();
    DatagramSocket client = client(echo);
    long before = directBytes();
    long most = 0;
    byte[] bytes = new byte[200];
    for (int i = 0; i < 100_000; i++) {
      send(client, bytes);
      if (i % 1000 == 0) {
        most = Math.max(most, directBytes() - before);
      }
    }
    long grown = most;
    assertTrue(grown < 48 << 20, () -> "it holds " + grown + " bytes");
    DatagramSocket other = client(echo);
    other.setSoTimeout(200);
    Await.until("it serves others when the flood is over", () -> answers(other));
  }

  private static boolean answers(DatagramSocket client) throws IOException {
    send(client, new byte[] {5});
    try {
      return receive(client)[0] == 5;
    } catch (SocketTimeoutException dropped) {
      return false;
    }
  }

  private static long directBytes() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  @Test
  void drainingClosesTheSocketAtOnce() throws Exception {
    Listener listener = UdpEcho.serve(engine, Wire.ANY_PORT);
    Witness witness = new Witness();
    Channel unaware =
        engine.datagramBootstrap(Wire.ANY_PORT).handler(witness).bind().sync().channel();
    unaware.close().sync();
    long began = System.nanoTime();
    engine.close();
    assertTrue(System.nanoTime() - began < engine.options().drainTimeout().toNanos());
    // The port is free again.
    DatagramSocket next = new DatagramSocket(listener.localAddress());
    assertFalse(next.isClosed());
    next.close();
  }

  @Test
  void aTakenPortIsNamedWithTheRemedy() throws Exception {
    SocketAddress taken = UdpEcho.serve(engine, Wire.ANY_PORT).localAddress();
    IoFailure failure = assertThrows(IoFailure.class, () -> UdpEcho.serve(engine, taken));
    assertEquals("EADDRINUSE", failure.kind());
    assertInstanceOf(
        IllegalArgumentException.class,
        assertThrows(RuntimeException.class, () -> UdpEcho.serve(engine, Place.freePath())));
  }
}
