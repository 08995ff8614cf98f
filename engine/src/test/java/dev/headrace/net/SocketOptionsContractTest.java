package dev.headrace.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.linux.LinuxException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class SocketOptionsContractTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private Engine engine;
  private ServerSocketChannel server;

  SocketOptionsContractTest(Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() throws IOException {
    engine = rig.start(transport);
    server = rig.closeLater(Wire.listen(Wire.ANY_PORT));
  }

  private InetSocketAddress address() throws IOException {
    return (InetSocketAddress) server.getLocalAddress();
  }

  private TcpStream connect(ConnectOptions options) throws IOException {
    return rig.closeLater(TcpStream.connect(engine, address(), options));
  }

  private boolean isNio() {
    return transport == Transport.NIO;
  }

  @Test
  void whatIsSetIsReadBack() throws Exception {
    TcpStream stream = connect(ConnectOptions.defaults());
    setAndGet(stream, SocketOptions.KEEP_ALIVE, true);
    setAndGet(stream, SocketOptions.KEEP_ALIVE_TIME, Duration.ofSeconds(77));
    setAndGet(stream, SocketOptions.KEEP_ALIVE_INTERVAL, Duration.ofSeconds(7));
    setAndGet(stream, SocketOptions.KEEP_ALIVE_COUNT, 5);
    setAndGet(stream, SocketOptions.LINGER, Optional.of(Duration.ofSeconds(3)));
    setAndGet(stream, SocketOptions.LINGER, Optional.empty());
    setAndGet(stream, SocketOptions.QUICK_ACK, false);
    setAndGet(stream, SocketOptions.TRAFFIC_CLASS, 0x10);
    setAndGet(stream, SocketOptions.REUSE_ADDRESS, true);
    stream.set(SocketOptions.SEND_BUFFER, 100_000);
    assertTrue(stream.get(SocketOptions.SEND_BUFFER) >= 100_000);
    stream.set(SocketOptions.RECEIVE_BUFFER, 90_000);
    assertTrue(stream.get(SocketOptions.RECEIVE_BUFFER) >= 90_000);
    assertEquals(true, stream.get(SocketOptions.NO_DELAY), "no-delay is on from the start");
    assertEquals(transport, stream.transport());
  }

  private static <T> void setAndGet(TcpStream stream, Option<T> option, T value)
      throws IOException {
    stream.set(option, value);
    assertEquals(value, stream.get(option), option.toString());
  }

  @Test
  void whatOnlyTheKernelHasIsReadBackOrRefusedWithTheRemedy() throws Exception {
    TcpStream stream = connect(ConnectOptions.defaults());
    if (isNio()) {
      UnsupportedOperationException refused =
          assertThrows(UnsupportedOperationException.class, () -> stream.set(SocketOptions.TTL, 9));
      assertTrue(refused.getMessage().contains("TTL"), refused.getMessage());
      assertTrue(refused.getMessage().contains("nio"), refused.getMessage());
      assertTrue(refused.getMessage().contains("io_uring or epoll"), refused.getMessage());
      assertThrows(UnsupportedOperationException.class, () -> stream.get(SocketOptions.DEVICE));
      assertThrows(
          UnsupportedOperationException.class,
          () -> connect(ConnectOptions.defaults().set(SocketOptions.FAST_OPEN_CONNECT, true)));
      assertThrows(UnsupportedOperationException.class, stream::takeError);
      return;
    }
    setAndGet(stream, SocketOptions.TTL, 9);
    setAndGet(stream, SocketOptions.USER_TIMEOUT, Duration.ofMillis(1500));
    assertEquals("", stream.get(SocketOptions.DEVICE));
    assertEquals(Optional.empty(), stream.takeError());
  }

  @Test
  void optionsAreSetBeforeTheStreamIsConnected() throws Exception {
    TcpStream stream =
        connect(
            ConnectOptions.defaults()
                .localAddress(new InetSocketAddress("127.0.0.2", 0))
                .timeout(Duration.ofSeconds(10))
                .set(SocketOptions.RECEIVE_BUFFER, 20_000)
                .set(SocketOptions.KEEP_ALIVE, true));
    assertEquals("127.0.0.2", stream.localAddress().getAddress().getHostAddress());
    assertEquals(true, stream.get(SocketOptions.KEEP_ALIVE));
  }

  @Test
  void anOptionThatTheKernelRefusesIsNamedAndLeavesNothingOpen() throws Exception {
    assumeTrue(!isNio(), "the JDK has no device to refuse");
    LinuxException refused =
        assertThrows(
            LinuxException.class,
            () -> connect(ConnectOptions.defaults().set(SocketOptions.DEVICE, "nosuchdev0")));
    assertTrue(
        refused.getMessage().contains("SO_BINDTODEVICE to nosuchdev0"), refused.getMessage());
    assertEquals("ENODEV", refused.errno().name());
    Await.until("nothing is open", () -> engine.stats().open() == 0);
  }

  @Test
  void theDeviceBindsToTheLoopback() throws Exception {
    assumeTrue(!isNio(), "the JDK has no device");
    TcpStream stream = connect(ConnectOptions.defaults().set(SocketOptions.DEVICE, "lo"));
    assertEquals("lo", stream.get(SocketOptions.DEVICE));
  }

  @Test
  void lingerOfZeroResetsTheConnection() throws Exception {
    TcpStream stream = connect(ConnectOptions.defaults());
    SocketChannel peer = rig.closeLater(server.accept());
    stream.set(SocketOptions.LINGER, Optional.of(Duration.ZERO));
    stream.close();
    IOException reset = assertThrows(IOException.class, () -> peer.read(ByteBuffer.allocate(1)));
    assertTrue(reset.getMessage().contains("reset"), reset.getMessage());
  }

  @Test
  void aListenerAndWhatItAcceptsHaveTheirOptions() throws Exception {
    TcpListener listener =
        rig.closeLater(
            TcpListener.bind(
                engine,
                Wire.ANY_PORT,
                ListenOptions.defaults()
                    .backlog(7)
                    .set(SocketOptions.REUSE_PORT, true)
                    .set(SocketOptions.RECEIVE_BUFFER, 50_000)
                    .setChild(SocketOptions.KEEP_ALIVE, true)
                    .setChild(SocketOptions.NO_DELAY, false)));
    assertEquals(true, listener.get(SocketOptions.REUSE_PORT));
    assertEquals(transport, listener.transport());
    rig.closeLater(
        TcpListener.bind(
            engine,
            listener.localAddress(),
            ListenOptions.defaults().set(SocketOptions.REUSE_PORT, true)));
    listener.set(SocketOptions.RECEIVE_BUFFER, 60_000);
    assertTrue(listener.get(SocketOptions.RECEIVE_BUFFER) >= 60_000);
  }

  @Test
  void whatAListenerAcceptsHasItsOptions() throws Exception {
    TcpListener listener =
        rig.closeLater(
            TcpListener.bind(
                engine,
                Wire.ANY_PORT,
                ListenOptions.defaults()
                    .setChild(SocketOptions.KEEP_ALIVE, true)
                    .setChild(SocketOptions.TRAFFIC_CLASS, 0x08)));
    rig.closeLater(Wire.connect(listener.localAddress()));
    TcpStream accepted = rig.closeLater(listener.accept());
    assertEquals(true, accepted.get(SocketOptions.KEEP_ALIVE));
    assertEquals(0x08, accepted.get(SocketOptions.TRAFFIC_CLASS));
  }

  @Test
  void anOptionOfTheListenerThatIsLackingBindsNothing() throws Exception {
    ListenOptions options = ListenOptions.defaults().set(SocketOptions.FAST_OPEN_QUEUE, 16);
    if (isNio()) {
      assertThrows(
          UnsupportedOperationException.class,
          () -> TcpListener.bind(engine, Wire.ANY_PORT, options));
      return;
    }
    TcpListener listener = rig.closeLater(TcpListener.bind(engine, Wire.ANY_PORT, options));
    assertEquals(16, listener.get(SocketOptions.FAST_OPEN_QUEUE));
  }

  @Test
  void aClosedStreamHasNoOptions() throws Exception {
    TcpStream stream = connect(ConnectOptions.defaults());
    stream.abort();
    Await.until("it is closed", () -> engine.stats().open() == 0);
    assertThrows(ClosedChannelException.class, () -> stream.get(SocketOptions.KEEP_ALIVE));
    assertFalse(stream.isOpen());
  }
}
