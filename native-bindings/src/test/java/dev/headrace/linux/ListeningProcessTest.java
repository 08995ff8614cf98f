package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Asks the kernel of this host; {@link ListeningProcessTablesTest} has the tables that no test can
 * bring about.
 */
@EnabledOnOs(OS.LINUX)
class ListeningProcessTest {
  private static final OptionalLong THIS_PROCESS = OptionalLong.of(ProcessHandle.current().pid());

  @Test
  void findsAListenerOfOneAddress() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = server.getLocalPort();
      assertEquals(THIS_PROCESS, ofTcpPort("127.0.0.1", port));
      assertEquals(OptionalLong.empty(), ofTcpPort("127.0.0.2", port));
    }
  }

  @Test
  void findsAListenerOfAllAddresses() throws Exception {
    try (ServerSocket server = new ServerSocket(0)) {
      int port = server.getLocalPort();
      assertEquals(THIS_PROCESS, ofTcpPort("127.0.0.1", port));
      assertEquals(THIS_PROCESS, ofTcpPort("127.0.0.2", port));
      assertEquals(THIS_PROCESS, ofTcpPort("0.0.0.0", port));
    }
  }

  @Test
  void findsNothingAtAnotherHostsAddressWhateverListensHere() throws Exception {
    try (ServerSocket server = new ServerSocket(0)) {
      // 192.0.2.0/24 is for documentation (RFC 5737): no host has it.
      assertEquals(OptionalLong.empty(), ofTcpPort("192.0.2.1", server.getLocalPort()));
    }
  }

  @Test
  void findsNothingOnceTheListenerIsClosed() throws Exception {
    ServerSocket server = new ServerSocket(0);
    server.close();
    assertEquals(OptionalLong.empty(), ofTcpPort("127.0.0.1", server.getLocalPort()));
  }

  @Test
  void findsNothingWhereASocketIsBoundButDoesNotListen() throws Exception {
    try (Socket socket = new Socket()) {
      socket.bind(new InetSocketAddress("127.0.0.1", 0));
      assertEquals(OptionalLong.empty(), ofTcpPort("127.0.0.1", socket.getLocalPort()));
    }
  }

  @Test
  void findsAUdpSocketThatIsConnectedToNobody() throws Exception {
    try (DatagramSocket server = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
        DatagramSocket client = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      client.connect(server.getLocalSocketAddress());
      assertEquals(
          THIS_PROCESS,
          ListeningProcess.ofUdpPort((InetSocketAddress) server.getLocalSocketAddress()));
      assertEquals(
          OptionalLong.empty(),
          ListeningProcess.ofUdpPort((InetSocketAddress) client.getLocalSocketAddress()));
    }
  }

  @Test
  void takesNoAddressThatIsNotResolved() {
    InetSocketAddress unresolved = InetSocketAddress.createUnresolved("localhost", 80);
    assertThrows(IllegalArgumentException.class, () -> ListeningProcess.ofTcpPort(unresolved));
  }

  @Test
  void findsTheListenerOfAUnixSocket(@TempDir Path directory) throws Exception {
    Path path = directory.resolve("a b.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      assertEquals(THIS_PROCESS, ListeningProcess.ofUnixPath(path.toString()));
      assertEquals(OptionalLong.empty(), ListeningProcess.ofUnixPath(directory + "/b.sock"));
    }
    assertEquals(OptionalLong.empty(), ListeningProcess.ofUnixPath(path.toString()));
  }

  @Test
  void findsAUnixSocketWhosePathIsNotAscii(@TempDir Path directory) throws Exception {
    String path = directory + "/\u00fc.sock";
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      assertEquals(THIS_PROCESS, ListeningProcess.ofUnixPath(path));
    }
  }

  private static OptionalLong ofTcpPort(String address, int port) {
    return ListeningProcess.ofTcpPort(new InetSocketAddress(address, port));
  }
}
