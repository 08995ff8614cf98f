package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Tables as the kernel prints them, of hosts other than this one. */
@EnabledOnOs(OS.LINUX)
class ListeningProcessTablesTest {
  private static final String HEADING =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  inode\n";
  private static final String ANY_6 = "00000000000000000000000000000000";
  private static final String LOOPBACK_6 = "00000000000000000000000001000000";
  private static final String MAPPED_127_0_0_1 = "0000000000000000FFFF00000100007F";
  private static final String LISTEN = "0A";
  private static final String ESTABLISHED = "01";

  @TempDir Path proc;

  @BeforeEach
  void needsTheByteOrderOfTheTables() {
    assumeTrue(
        ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "the tables are little-endian's");
  }

  @Test
  void prefersTheListenerOfTheVeryAddress() throws Exception {
    tcp(row("00000000:1F90", LISTEN, 10), row("0100007F:1F90", LISTEN, 20));
    holds(100, 10);
    holds(200, 20);
    assertEquals(OptionalLong.of(200), find("127.0.0.1"));
    assertEquals(OptionalLong.of(100), find("127.0.0.2"));
    assertEquals(OptionalLong.of(100), find("0.0.0.0"));
  }

  @Test
  void skipsConnectionsAndOtherPorts() throws Exception {
    tcp(row("0100007F:1F90", ESTABLISHED, 10), row("0100007F:1F91", LISTEN, 20));
    holds(100, 10);
    holds(200, 20);
    assertEquals(OptionalLong.empty(), find("127.0.0.1"));
  }

  @Test
  void knowsAnIpv4AddressInIpv6Clothes() throws Exception {
    tcp6(row(MAPPED_127_0_0_1 + ":1F90", LISTEN, 10));
    holds(100, 10);
    assertEquals(OptionalLong.of(100), find("127.0.0.1"));
  }

  @Test
  void takesTheListenerOfAllIpv6AddressesForIpv4Too() throws Exception {
    tcp6(row(ANY_6 + ":1F90", LISTEN, 10));
    holds(100, 10);
    assertEquals(OptionalLong.of(100), find("127.0.0.1"));
    assertEquals(OptionalLong.of(100), find("::1"));
    assertEquals(OptionalLong.of(100), find("0.0.0.0"));
  }

  @Test
  void doesNotTakeTheListenerOfAllIpv4AddressesForIpv6() throws Exception {
    tcp(row("00000000:1F90", LISTEN, 10));
    holds(100, 10);
    assertEquals(OptionalLong.empty(), find("::1"));
  }

  @Test
  void findsAListenerOfOneIpv6Address() throws Exception {
    tcp6(row(LOOPBACK_6 + ":1F90", LISTEN, 10));
    holds(100, 10);
    assertEquals(OptionalLong.of(100), find("::1"));
    assertEquals(OptionalLong.empty(), find("127.0.0.1"));
  }

  @Test
  void takesTheLowestOfTheProcessesThatShareAPort() throws Exception {
    tcp(row("0100007F:1F90", LISTEN, 10), row("0100007F:1F90", LISTEN, 20));
    holds(1000, 10);
    holds(200, 20);
    holds(300, 20);
    assertEquals(OptionalLong.of(200), find("127.0.0.1"));
  }

  @Test
  void isEmptyWhenTheHolderMayNotBeRead() throws Exception {
    tcp(row("0100007F:1F90", LISTEN, 10));
    Files.createDirectories(proc.resolve("100"));
    assertEquals(OptionalLong.empty(), find("127.0.0.1"));
  }

  @Test
  void isEmptyForASocketOfTheKernelsOwn() throws Exception {
    tcp(row("0100007F:1F90", LISTEN, 0));
    holds(100, 0);
    assertEquals(OptionalLong.empty(), find("127.0.0.1"));
  }

  @Test
  void isEmptyWithoutTables() {
    assertEquals(OptionalLong.empty(), find("127.0.0.1"));
    assertEquals(OptionalLong.empty(), new ListeningProcess(proc).findUnix("/run/a"));
  }

  @Test
  void takesOfUnixSocketsTheListeningOneOnly() throws Exception {
    write(
        "net/unix",
        """
        Num       RefCount Protocol Flags    Type St Inode Path
        00000000b: 00000003 00000000 00000000 0001 03  1617
        00000000c: 00000003 00000000 00000000 0001 03 10 /run/a
        00000000d: 00000002 00000000 00010000 0001 01 20 /run/a
        00000000e: 00000002 00000000 00010000 0001 01 30 @hidden
        00000000f: 00000002 00000000 00000000 0002 01 40 /run/datagrams
        """);
    holds(100, 10);
    holds(200, 20);
    holds(300, 30);
    holds(400, 40);
    ListeningProcess listening = new ListeningProcess(proc);
    assertEquals(OptionalLong.of(200), listening.findUnix("/run/a"));
    assertEquals(OptionalLong.of(300), listening.findUnix("@hidden"));
    assertEquals(OptionalLong.empty(), listening.findUnix("/run/datagrams"));
    assertEquals(OptionalLong.empty(), listening.findUnix("/run"));
  }

  @Test
  void refusesAnAddressOfNoKnownLength() {
    assertThrows(
        IllegalArgumentException.class,
        () -> ListeningProcess.socketAddress("01000000FF000000:1F90"));
  }

  private OptionalLong find(String address) {
    return new ListeningProcess(proc).findTcp(new InetSocketAddress(address, 0x1F90));
  }

  private static String row(String local, String state, long inode) {
    return "   0: %s 00000000:0000 %s 00000000:00000000 00:00000000 00000000     0        0 %d 1 0\n"
        .formatted(local, state, inode);
  }

  private void tcp(String... rows) throws IOException {
    write("net/tcp", HEADING + String.join("", rows));
  }

  private void tcp6(String... rows) throws IOException {
    write("net/tcp6", HEADING + String.join("", rows));
  }

  /** A process with a descriptor of a socket, and others of no interest. */
  private void holds(long pid, long inode) throws IOException {
    Path descriptors = Files.createDirectories(proc.resolve(pid + "/fd"));
    Files.createSymbolicLink(descriptors.resolve("0"), Path.of("anon_inode:[eventpoll]"));
    Files.createSymbolicLink(descriptors.resolve("3"), Path.of("socket:[" + inode + "]"));
    Files.createSymbolicLink(descriptors.resolve("4"), Path.of("pipe:[" + inode + "]"));
  }

  private void write(String name, String text) throws IOException {
    Path file = proc.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
