package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * An option of a socket, by {@code getsockopt(2)} and {@code setsockopt(2)} on its descriptor. The
 * numbers are those of asm-generic/socket.h, linux/in.h, linux/in6.h and linux/tcp.h.
 *
 * <p>Any thread may call any method; whoever does keeps the descriptor open meanwhile.
 */
public enum SocketOption {
  /** 0 or 1. */
  SO_REUSEADDR(1, 2),
  /** The pending error, which reading it takes; an errno, or 0. */
  SO_ERROR(1, 4),
  /** 0 or 1. */
  SO_BROADCAST(1, 6),
  /** Bytes; the kernel doubles what is set, and gives the double. */
  SO_SNDBUF(1, 7),
  /** Bytes; the kernel doubles what is set, and gives the double. */
  SO_RCVBUF(1, 8),
  /** 0 or 1. */
  SO_KEEPALIVE(1, 9),
  /** A {@code struct linger}. */
  SO_LINGER(1, 13),
  /** 0 or 1. */
  SO_REUSEPORT(1, 15),
  /** A {@code struct ucred}. */
  SO_PEERCRED(1, 17),
  /** The name of a network interface. */
  SO_BINDTODEVICE(1, 25),
  /** The address family. */
  SO_DOMAIN(1, 39),
  /** Counts of a socket's memory, drops among them; Linux 4.6. */
  SO_MEMINFO(1, 55),
  /** 0 or 1. */
  TCP_NODELAY(6, 1),
  /** Seconds without traffic before the first probe. */
  TCP_KEEPIDLE(6, 4),
  /** Seconds from probe to probe. */
  TCP_KEEPINTVL(6, 5),
  /** Probes without an answer before the connection is given up. */
  TCP_KEEPCNT(6, 6),
  /** 0 or 1. */
  TCP_QUICKACK(6, 12),
  /** Milliseconds that what was sent may stay without an answer. */
  TCP_USER_TIMEOUT(6, 18),
  /** Of a listener: how many fast-open requests may wait. */
  TCP_FASTOPEN(6, 23),
  /** 0 or 1. */
  TCP_FASTOPEN_CONNECT(6, 30),
  /** 0 to 255. */
  IP_TOS(0, 1),
  /** 1 to 255. */
  IP_TTL(0, 2),
  /** 0 to 255. */
  IP_MULTICAST_TTL(0, 33),
  /** 0 or 1. */
  IP_MULTICAST_LOOP(0, 34),
  /** 0 to 255. */
  IPV6_UNICAST_HOPS(41, 16),
  /** The index of a network interface. */
  IPV6_MULTICAST_IF(41, 17),
  /** 0 to 255. */
  IPV6_MULTICAST_HOPS(41, 18),
  /** 0 or 1. */
  IPV6_MULTICAST_LOOP(41, 19),
  /** 0 to 255. */
  IPV6_TCLASS(41, 67);

  private static final int LONGEST_DEVICE_BYTES = 16; // IFNAMSIZ, linux/if.h

  private final int level;
  private final int number;

  SocketOption(int level, int number) {
    this.level = level;
    this.number = number;
  }

  int level() {
    return level;
  }

  int number() {
    return number;
  }

  /**
   * Who is at the other end of a Unix socket.
   *
   * @param pid its process, as it was when it connected or listened; 0 where it is of another
   *     namespace
   * @param uid its effective user then
   * @param gid its effective group then
   */
  public record Credentials(int pid, int uid, int gid) {}

  /**
   * A value that is a number.
   *
   * @param fd an open socket
   * @return the value
   * @throws LinuxException when the kernel refuses
   */
  public int get(int fd) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      return get(arena, fd, arena.allocate(JAVA_INT)).get(JAVA_INT, 0);
    }
  }

  /**
   * Sets a value that is a number.
   *
   * @param fd an open socket
   * @param value the value
   * @throws LinuxException when the kernel refuses
   */
  public void set(int fd, int value) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      set(arena, fd, arena.allocateFrom(JAVA_INT, value), String.valueOf(value));
    }
  }

  /**
   * How long closing lingers: of {@link #SO_LINGER} only.
   *
   * @param fd an open socket
   * @return seconds; empty where it does not
   * @throws LinuxException when the kernel refuses
   */
  public OptionalInt getLinger(int fd) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment linger = get(arena, fd, arena.allocate(SocketAbi.LINGER));
      return linger.get(JAVA_INT, SocketAbi.LINGER_ONOFF) == 0
          ? OptionalInt.empty()
          : OptionalInt.of(linger.get(JAVA_INT, SocketAbi.LINGER_SECONDS));
    }
  }

  /**
   * Sets how long closing lingers: of {@link #SO_LINGER} only.
   *
   * @param fd an open socket
   * @param seconds 0 resets the connection; empty does not linger
   * @throws LinuxException when the kernel refuses
   */
  public void setLinger(int fd, OptionalInt seconds) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment linger = arena.allocate(SocketAbi.LINGER);
      linger.set(JAVA_INT, SocketAbi.LINGER_ONOFF, seconds.isPresent() ? 1 : 0);
      linger.set(JAVA_INT, SocketAbi.LINGER_SECONDS, seconds.orElse(0));
      set(arena, fd, linger, seconds.toString());
    }
  }

  /**
   * A value that is a name: of {@link #SO_BINDTODEVICE} only.
   *
   * @param fd an open socket
   * @return the name; empty where there is none
   * @throws LinuxException when the kernel refuses
   */
  public String getName(int fd) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      // One byte more, which stays zero: the kernel gives the zero at the end only with a name.
      return get(arena, fd, arena.allocate(LONGEST_DEVICE_BYTES + 1L)).getString(0);
    }
  }

  /**
   * Sets a value that is a name: of {@link #SO_BINDTODEVICE} only.
   *
   * @param fd an open socket
   * @param name such as {@code eth0}; empty for none
   * @throws LinuxException when the kernel refuses
   */
  public void setName(int fd, String name) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
      MemorySegment value = arena.allocate(Math.max(1, bytes.length));
      MemorySegment.copy(bytes, 0, value, JAVA_BYTE, 0, bytes.length);
      set(arena, fd, value, name);
    }
  }

  /**
   * Who is at the other end of a connected Unix socket.
   *
   * @param fd an open socket
   * @return the peer's credentials
   * @throws LinuxException when the kernel refuses
   */
  public static Credentials peerCredentials(int fd) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment peer = SO_PEERCRED.get(arena, fd, arena.allocate(SocketAbi.UCRED));
      return new Credentials(
          peer.get(JAVA_INT, SocketAbi.UCRED_PID),
          peer.get(JAVA_INT, SocketAbi.UCRED_UID),
          peer.get(JAVA_INT, SocketAbi.UCRED_GID));
    }
  }

  /**
   * How many datagrams the kernel dropped at a socket, for want of room or with a bad checksum.
   *
   * @param fd an open socket
   * @return a count since it was opened
   * @throws LinuxException when the kernel refuses
   */
  public static long drops(int fd) throws LinuxException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment counts =
          SO_MEMINFO.get(arena, fd, arena.allocate(JAVA_INT, SocketAbi.SK_MEMINFO_VARS));
      return Integer.toUnsignedLong(counts.getAtIndex(JAVA_INT, SocketAbi.SK_MEMINFO_DROPS));
    }
  }

  private MemorySegment get(Arena arena, int fd, MemorySegment value) throws LinuxException {
    Linux.require("getsockopt");
    MemorySegment callState = arena.allocate(Libc.CALL_STATE);
    MemorySegment length = arena.allocateFrom(JAVA_INT, (int) value.byteSize());
    if (Libc.getsockopt(callState, fd, level, number, value, length) != 0) {
      throw Libc.failure("getsockopt", name(), callState);
    }
    return value;
  }

  private void set(Arena arena, int fd, MemorySegment value, String shown) throws LinuxException {
    Linux.require("setsockopt");
    MemorySegment callState = arena.allocate(Libc.CALL_STATE);
    if (Libc.setsockopt(callState, fd, level, number, value) != 0) {
      throw Libc.failure("setsockopt", name() + " to " + shown, callState);
    }
  }
}
