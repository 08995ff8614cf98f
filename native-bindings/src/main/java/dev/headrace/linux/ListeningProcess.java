package dev.headrace.linux;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Which process of this host listens at an address: it is looked up in {@code /proc/net}, then
 * among the descriptors of all processes. It takes milliseconds on a busy host: ask once, not at
 * every request.
 *
 * <p>Only this process's network namespace is seen, and only descriptors that it may read: root's
 * view is whole, anyone else's ends at their own processes. Where several processes hold the
 * listener (a fork) or share its port, the lowest id wins. What cannot be found or read is empty,
 * and so is everything elsewhere than on Linux.
 */
public final class ListeningProcess {
  private static final String TCP_LISTEN = "0A";

  /** What a UDP socket is in that is connected to nobody. */
  private static final String UDP_BOUND = "07";

  /** {@code __SO_ACCEPTCON}, linux/net.h: set while the socket listens. */
  private static final int UNIX_LISTENS = 0x10000;

  private final Path proc;

  /** Looks under another directory than {@code /proc}. */
  ListeningProcess(Path proc) {
    this.proc = proc;
  }

  /**
   * The process that accepts TCP connections to an address. A listener of that very address comes
   * before one of all addresses.
   *
   * @param address an address of this host, or a wildcard address for a listener of all addresses;
   *     any other is nobody's here
   * @return the process's id, as {@link ProcessHandle#pid()} gives it
   * @throws IllegalArgumentException when the address is not resolved
   */
  public static OptionalLong ofTcpPort(InetSocketAddress address) {
    if (address.isUnresolved()) {
      throw new IllegalArgumentException("resolve it first: " + address);
    }
    return Linux.isPresent() && isOfThisHost(address.getAddress())
        ? new ListeningProcess(Path.of("/proc")).findTcp(address)
        : OptionalLong.empty();
  }

  /**
   * The process that receives the datagrams of an address, by a socket that is connected to nobody.
   *
   * @param address as {@link #ofTcpPort} takes it
   * @return the process's id, as {@link ProcessHandle#pid()} gives it
   * @throws IllegalArgumentException when the address is not resolved
   */
  public static OptionalLong ofUdpPort(InetSocketAddress address) {
    if (address.isUnresolved()) {
      throw new IllegalArgumentException("resolve it first: " + address);
    }
    return Linux.isPresent() && isOfThisHost(address.getAddress())
        ? new ListeningProcess(Path.of("/proc")).findUdp(address)
        : OptionalLong.empty();
  }

  /**
   * The process that accepts connections to a Unix socket.
   *
   * @param path the socket's path, as the listener bound it or absolute; {@code @name} for an
   *     abstract one
   * @return the process's id, as {@link ProcessHandle#pid()} gives it
   */
  public static OptionalLong ofUnixPath(String path) {
    return Linux.isPresent()
        ? new ListeningProcess(Path.of("/proc")).findUnix(path)
        : OptionalLong.empty();
  }

  OptionalLong findTcp(InetSocketAddress address) {
    return find(address, List.of("net/tcp", "net/tcp6"), TCP_LISTEN);
  }

  OptionalLong findUdp(InetSocketAddress address) {
    return find(address, List.of("net/udp", "net/udp6"), UDP_BOUND);
  }

  private OptionalLong find(InetSocketAddress address, List<String> tables, String state) {
    Set<String> exact = new HashSet<>();
    Set<String> wildcard = new HashSet<>();
    for (String table : tables) {
      for (String row : rows(proc.resolve(table))) {
        // sl local_address rem_address st tx:rx_queue tr:tm->when retrnsmt uid timeout inode and
        // more
        String[] fields = row.strip().split("\\s+");
        if (fields.length < 10 || !fields[3].equals(state)) {
          continue;
        }
        InetSocketAddress local = socketAddress(fields[1]);
        if (local.getPort() != address.getPort()) {
          continue;
        }
        if (local.getAddress().equals(address.getAddress())) {
          exact.add(fields[9]);
        } else if (reachedThroughWildcard(local.getAddress(), address.getAddress())) {
          wildcard.add(fields[9]);
        }
      }
    }
    return holder(exact.isEmpty() ? wildcard : exact);
  }

  OptionalLong findUnix(String path) {
    String absolute = path.startsWith("@") ? path : Path.of(path).toAbsolutePath().toString();
    Set<String> inodes = new HashSet<>();
    for (String row : rows(proc.resolve("net/unix"))) {
      // Num RefCount Protocol Flags Type St Inode Path, and the path may hold spaces.
      String[] fields = row.stripLeading().split("\\s+", 8);
      if (fields.length == 8
          && (fields[7].equals(path) || fields[7].equals(absolute))
          && (Integer.parseUnsignedInt(fields[3], 16) & UNIX_LISTENS) != 0) {
        inodes.add(fields[6]);
      }
    }
    return holder(inodes);
  }

  /**
   * A listener of all IPv6 addresses takes IPv4 connections as well (unless it is IPV6_V6ONLY,
   * which no table tells).
   */
  private static boolean reachedThroughWildcard(InetAddress listener, InetAddress target) {
    boolean takesFamily = listener instanceof Inet6Address || target instanceof Inet4Address;
    return listener.isAnyLocalAddress() && (takesFamily || target.isAnyLocalAddress());
  }

  private static boolean isOfThisHost(InetAddress address) {
    try {
      return address.isAnyLocalAddress()
          || address.isLoopbackAddress()
          || NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return false;
    }
  }

  /**
   * {@code 0100007F:1F90} is 127.0.0.1:8080: words of 32 bits as this machine reads the network's
   * bytes, then the port.
   */
  static InetSocketAddress socketAddress(String hex) {
    int colon = hex.indexOf(':');
    ByteBuffer words = ByteBuffer.wrap(HexFormat.of().parseHex(hex, 0, colon));
    ByteBuffer bytes = ByteBuffer.allocate(words.capacity()).order(ByteOrder.nativeOrder());
    while (words.hasRemaining()) {
      bytes.putInt(words.getInt());
    }
    try {
      // An IPv4 address in IPv6 clothes comes out as IPv4, which is how a JVM's dual-stack listener
      // is told by its address.
      return new InetSocketAddress(
          InetAddress.getByAddress(bytes.array()),
          Integer.parseInt(hex, colon + 1, hex.length(), 16));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("neither an IPv4 nor an IPv6 address: " + hex, e);
    }
  }

  /** The lowest process that has a descriptor of one of these sockets. */
  private OptionalLong holder(Set<String> inodes) {
    inodes.remove("0"); // a socket of the kernel's own
    if (inodes.isEmpty()) {
      return OptionalLong.empty();
    }
    Set<String> links = new HashSet<>();
    inodes.forEach(inode -> links.add("socket:[" + inode + ']'));
    return processes().filter(pid -> holdsAny(pid, links)).findFirst();
  }

  private LongStream processes() {
    return entries(proc).stream()
        .map(entry -> entry.getFileName().toString())
        .filter(name -> name.chars().allMatch(digit -> digit >= '0' && digit <= '9'))
        .mapToLong(Long::parseLong)
        .sorted();
  }

  private boolean holdsAny(long pid, Set<String> links) {
    for (Path descriptor : entries(proc.resolve(pid + "/fd"))) {
      try {
        if (links.contains(Files.readSymbolicLink(descriptor).toString())) {
          return true;
        }
      } catch (IOException closedMeanwhileOrForbidden) {
        // Whoever closed it does not listen with it.
      }
    }
    return false;
  }

  private static List<Path> entries(Path directory) {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (IOException | DirectoryIteratorException goneOrForbidden) {
      // What was listed until then is as much as there is.
    }
    return entries;
  }

  /** The lines below the heading. */
  private static List<String> rows(Path table) {
    return ProcFile.lines(table).stream().skip(1).toList();
  }
}
