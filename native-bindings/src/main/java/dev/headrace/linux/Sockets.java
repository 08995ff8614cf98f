package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Sockets by their descriptors. Those that are made here never block and are closed on exec. Any
 * thread may call any method; whoever does keeps the descriptor open meanwhile.
 *
 * <p>A Unix address is an array of bytes: a path, or a zero and a name of the abstract namespace;
 * none at all for a socket without an address.
 */
public final class Sockets {
  /** The longest path of a Unix socket: one byte of {@code sun_path} is for the zero at its end. */
  public static final int LONGEST_PATH_BYTES = 107;

  private static final int FLAGS = SocketAbi.SOCK_NONBLOCK | SocketAbi.SOCK_CLOEXEC;

  private Sockets() {}

  /**
   * What was received.
   *
   * @param sizeBytes how long the datagram was, which may be more than there was room for; or minus
   *     the errno
   * @param sender its sender's address
   */
  public record Received(int sizeBytes, byte[] sender) {}

  /**
   * A pair of Unix sockets, connected to each other.
   *
   * @param datagrams whether they keep the boundaries of what is sent; if not, they are streams
   * @return both
   * @throws LinuxException when the kernel refuses
   */
  public static Descriptors.Pair unixPair(boolean datagrams) throws LinuxException {
    Linux.require("socketpair");
    int type = FLAGS | (datagrams ? SocketAbi.SOCK_DGRAM : SocketAbi.SOCK_STREAM);
    int[] ends = new int[2];
    Descriptors.check(
        "socketpair",
        "AF_UNIX",
        DescriptorCalls.make(
            (arena, state) -> {
              MemorySegment both = arena.allocate(JAVA_INT, 2);
              int result = DescriptorCalls.socketpair(state, SocketAbi.AF_UNIX, type, both);
              ends[0] = both.getAtIndex(JAVA_INT, 0);
              ends[1] = both.getAtIndex(JAVA_INT, 1);
              return result;
            }));
    return new Descriptors.Pair(ends[0], ends[1]);
  }

  /**
   * A Unix socket for datagrams, without an address.
   *
   * @return its descriptor
   * @throws LinuxException when the kernel refuses
   */
  public static int unixDatagram() throws LinuxException {
    Linux.require("socket");
    int type = FLAGS | SocketAbi.SOCK_DGRAM;
    return (int)
        Descriptors.check(
            "socket",
            "AF_UNIX",
            DescriptorCalls.make(
                (arena, state) -> DescriptorCalls.socket(state, SocketAbi.AF_UNIX, type)));
  }

  /**
   * Gives a Unix socket its address.
   *
   * @param fd the socket
   * @param address a path or an abstract name
   * @throws LinuxException when the kernel refuses
   */
  public static void bindUnix(int fd, byte[] address) throws LinuxException {
    Descriptors.check(
        "bind",
        shown(address),
        DescriptorCalls.make(
            (arena, state) -> DescriptorCalls.bind(state, fd, unix(arena, address))));
  }

  /**
   * Connects a Unix socket.
   *
   * @param fd the socket
   * @param address a path or an abstract name
   * @throws LinuxException when the kernel refuses
   */
  public static void connectUnix(int fd, byte[] address) throws LinuxException {
    Descriptors.check(
        "connect",
        shown(address),
        DescriptorCalls.make(
            (arena, state) -> DescriptorCalls.connect(state, fd, unix(arena, address))));
  }

  /**
   * The address of a Unix socket.
   *
   * @param fd the socket
   * @return no bytes where it has none
   * @throws LinuxException when the kernel refuses
   */
  public static byte[] localUnix(int fd) throws LinuxException {
    return unixName("getsockname", DescriptorCalls::getsockname, fd);
  }

  /**
   * The address of the other end of a connected Unix socket.
   *
   * @param fd the socket
   * @return no bytes where it has none
   * @throws LinuxException when the kernel refuses, with ENOTCONN where there is no other end
   */
  public static byte[] peerUnix(int fd) throws LinuxException {
    return unixName("getpeername", DescriptorCalls::getpeername, fd);
  }

  private interface NameCall {
    int make(MemorySegment state, int fd, MemorySegment address, MemorySegment length)
        throws Throwable;
  }

  private static byte[] unixName(String operation, NameCall call, int fd) throws LinuxException {
    byte[][] name = new byte[1][];
    Descriptors.check(
        operation,
        "",
        DescriptorCalls.make(
            (arena, state) -> {
              MemorySegment address = arena.allocate(SocketAbi.SOCKADDR_UN);
              MemorySegment length = arena.allocateFrom(JAVA_INT, (int) address.byteSize());
              int result = call.make(state, fd, address, length);
              name[0] = unix(address, length.get(JAVA_INT, 0));
              return result;
            }));
    return name[0];
  }

  /**
   * Sends a datagram.
   *
   * @param fd a Unix socket
   * @param bytes a direct buffer, of which all is sent
   * @param address whom to; null for the peer of a connected socket
   * @return how many bytes; or minus the errno
   */
  public static int sendUnix(int fd, ByteBuffer bytes, byte[] address) {
    MemorySegment from = MemorySegment.ofBuffer(bytes);
    int flags = SocketAbi.MSG_DONTWAIT | SocketAbi.MSG_NOSIGNAL;
    return (int)
        DescriptorCalls.make(
            (arena, state) -> {
              MemorySegment to = address == null ? MemorySegment.NULL : unix(arena, address);
              return DescriptorCalls.sendto(state, fd, from, flags, to);
            });
  }

  /**
   * Receives a datagram.
   *
   * @param fd a Unix socket
   * @param target a direct buffer; its position moves past what fits
   * @param peek whether the datagram stays the next one
   * @return its size and its sender
   */
  public static Received receiveUnix(int fd, ByteBuffer target, boolean peek) {
    MemorySegment into = MemorySegment.ofBuffer(target);
    int flags = SocketAbi.MSG_DONTWAIT | SocketAbi.MSG_TRUNC | (peek ? SocketAbi.MSG_PEEK : 0);
    byte[][] sender = {new byte[0]};
    int size =
        (int)
            DescriptorCalls.make(
                (arena, state) -> {
                  MemorySegment address = arena.allocate(SocketAbi.SOCKADDR_UN);
                  MemorySegment length = arena.allocateFrom(JAVA_INT, (int) address.byteSize());
                  long result = DescriptorCalls.recvfrom(state, fd, into, flags, address, length);
                  if (result >= 0) {
                    sender[0] = unix(address, length.get(JAVA_INT, 0));
                  }
                  return result;
                });
    if (size > 0) {
      target.position(target.position() + Math.min(size, target.remaining()));
    }
    return new Received(size, sender[0]);
  }

  /**
   * Gives an IP socket its peer: what others send it does not receive, and it hears of its peer's
   * refusals.
   *
   * @param fd a UDP socket
   * @param peer a resolved address
   * @throws LinuxException when the kernel refuses
   */
  public static void connectInet(int fd, InetSocketAddress peer) throws LinuxException {
    boolean isIpv6 = isIpv6(fd);
    Descriptors.check(
        "connect",
        peer.toString(),
        DescriptorCalls.make(
            (arena, state) -> DescriptorCalls.connect(state, fd, inet(arena, peer, isIpv6))));
  }

  /**
   * Takes a UDP socket's peer away. The kernel takes a port away with it that it had chosen itself,
   * and the address: both are given back.
   *
   * @param fd a UDP socket
   * @param local what it is bound to
   * @throws LinuxException when the kernel refuses, or the port was taken meanwhile
   */
  public static void disconnectInet(int fd, InetSocketAddress local) throws LinuxException {
    Descriptors.check(
        "connect",
        "AF_UNSPEC",
        DescriptorCalls.make(
            (arena, state) -> {
              MemorySegment nobody = arena.allocate(SocketAbi.SOCKADDR_IN);
              nobody.set(JAVA_SHORT, 0, (short) SocketAbi.AF_UNSPEC);
              return DescriptorCalls.connect(state, fd, nobody);
            }));
    boolean isIpv6 = isIpv6(fd);
    long bound =
        DescriptorCalls.make(
            (arena, state) -> DescriptorCalls.bind(state, fd, inet(arena, local, isIpv6)));
    if (bound != -Errno.EINVAL) { // that is: it is still bound
      Descriptors.check("bind", local.toString(), bound);
    }
  }

  /**
   * Sends a datagram.
   *
   * @param fd a UDP socket
   * @param bytes a direct buffer, of which all is sent
   * @param to whom to, resolved
   * @return how many bytes; or minus the errno
   * @throws LinuxException when the descriptor is no socket
   */
  public static int sendInet(int fd, ByteBuffer bytes, InetSocketAddress to) throws LinuxException {
    MemorySegment from = MemorySegment.ofBuffer(bytes);
    boolean isIpv6 = isIpv6(fd);
    int flags = SocketAbi.MSG_DONTWAIT | SocketAbi.MSG_NOSIGNAL;
    return (int)
        DescriptorCalls.make(
            (arena, state) ->
                DescriptorCalls.sendto(state, fd, from, flags, inet(arena, to, isIpv6)));
  }

  /**
   * Whether a socket's addresses are IPv6.
   *
   * @param fd the socket
   * @return false for IPv4
   * @throws LinuxException when the kernel refuses
   */
  public static boolean isIpv6(int fd) throws LinuxException {
    return SocketOption.SO_DOMAIN.get(fd) == SocketAbi.AF_INET6;
  }

  /**
   * How much of what a stream was given is still with this end's kernel: not sent, or not
   * acknowledged; of a Unix socket, the memory of what its peer has not read.
   *
   * @param fd a connected socket
   * @return bytes
   * @throws LinuxException when the kernel refuses
   */
  public static int unsentBytes(int fd) throws LinuxException {
    Linux.require("ioctl");
    int[] bytes = new int[1];
    Descriptors.check(
        "ioctl",
        "SIOCOUTQ",
        DescriptorCalls.make(
            (arena, state) -> {
              MemorySegment answer = arena.allocate(JAVA_INT);
              int result = DescriptorCalls.ioctl(state, fd, SocketAbi.SIOCOUTQ, answer);
              bytes[0] = answer.get(JAVA_INT, 0);
              return result;
            }));
    return bytes[0];
  }

  private static MemorySegment unix(Arena arena, byte[] address) {
    boolean isAbstract = address.length > 0 && address[0] == 0;
    MemorySegment sockaddr =
        arena.allocate(SocketAbi.SUN_PATH + address.length + (isAbstract ? 0 : 1));
    sockaddr.set(JAVA_SHORT_UNALIGNED, 0, (short) SocketAbi.AF_UNIX);
    MemorySegment.copy(address, 0, sockaddr, JAVA_BYTE, SocketAbi.SUN_PATH, address.length);
    return sockaddr;
  }

  private static byte[] unix(MemorySegment address, int lengthBytes) {
    long length = Math.min(lengthBytes, address.byteSize()) - SocketAbi.SUN_PATH;
    if (length <= 0) {
      return new byte[0];
    }
    byte[] name = address.asSlice(SocketAbi.SUN_PATH, length).toArray(JAVA_BYTE);
    if (name[0] == 0) {
      return name;
    }
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    return Arrays.copyOf(name, end);
  }

  private static MemorySegment inet(Arena arena, InetSocketAddress address, boolean isIpv6) {
    InetAddress host = address.getAddress();
    ByteBuffer port = ByteBuffer.allocate(2).putShort(0, (short) address.getPort());
    short inNetworkOrder = port.order(ByteOrder.nativeOrder()).getShort(0);
    if (!isIpv6) {
      MemorySegment sockaddr = arena.allocate(SocketAbi.SOCKADDR_IN);
      sockaddr.set(JAVA_SHORT, 0, (short) SocketAbi.AF_INET);
      sockaddr.set(JAVA_SHORT, SocketAbi.SIN_PORT, inNetworkOrder);
      byte[] bytes = host.getAddress();
      MemorySegment.copy(bytes, 0, sockaddr, JAVA_BYTE, SocketAbi.SIN_ADDR, 4);
      return sockaddr;
    }
    MemorySegment sockaddr = arena.allocate(SocketAbi.SOCKADDR_IN6);
    sockaddr.set(JAVA_SHORT, 0, (short) SocketAbi.AF_INET6);
    sockaddr.set(JAVA_SHORT, SocketAbi.SIN6_PORT, inNetworkOrder);
    byte[] bytes = host instanceof Inet4Address four ? mapped(four) : host.getAddress();
    MemorySegment.copy(bytes, 0, sockaddr, JAVA_BYTE, SocketAbi.SIN6_ADDR, 16);
    if (host instanceof Inet6Address six) {
      sockaddr.set(JAVA_INT, SocketAbi.SIN6_SCOPE_ID, six.getScopeId());
    }
    return sockaddr;
  }

  /** An IPv4 address as IPv6 sockets know it; the address of any host stays that. */
  private static byte[] mapped(Inet4Address address) {
    byte[] bytes = new byte[16];
    if (!address.isAnyLocalAddress()) {
      bytes[10] = (byte) 0xff;
      bytes[11] = (byte) 0xff;
      System.arraycopy(address.getAddress(), 0, bytes, 12, 4);
    }
    return bytes;
  }

  private static String shown(byte[] address) {
    String text = new String(address, java.nio.charset.StandardCharsets.UTF_8);
    return text.startsWith("\0") ? '@' + text.substring(1) : text;
  }
}
