package dev.headrace.linux;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/**
 * What the headers of Linux 6.18 say of sockets and descriptors, for x86-64 and aarch64, which are
 * the same here but for what is not used; all of it is frozen ABI. {@code SocketAbiTest} checks
 * each against the C compiler.
 */
final class SocketAbi {
  /** linux/socket.h. */
  static final int AF_UNSPEC = 0;

  static final int AF_UNIX = 1;
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  /** linux/net.h. */
  static final int SOCK_STREAM = 1;

  static final int SOCK_DGRAM = 2;
  static final int SOCK_NONBLOCK = 0x800;
  static final int SOCK_CLOEXEC = 0x80000;

  /** asm-generic/fcntl.h. */
  static final int O_RDONLY = 0;

  static final int O_WRONLY = 1;
  static final int O_RDWR = 2;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;

  /** linux/socket.h. */
  static final int MSG_PEEK = 0x2;

  static final int MSG_TRUNC = 0x20;
  static final int MSG_DONTWAIT = 0x40;
  static final int MSG_NOSIGNAL = 0x4000;

  /** {@code struct sockaddr_in}, linux/in.h; port and address in network order. */
  static final StructLayout SOCKADDR_IN =
      MemoryLayout.structLayout(
          JAVA_SHORT.withName("sin_family"),
          JAVA_SHORT.withName("sin_port"),
          bytes(4, "sin_addr"),
          bytes(8, "sin_zero"));

  static final long SIN_PORT = offset(SOCKADDR_IN, "sin_port");
  static final long SIN_ADDR = offset(SOCKADDR_IN, "sin_addr");

  /** {@code struct sockaddr_in6}, linux/in6.h. */
  static final StructLayout SOCKADDR_IN6 =
      MemoryLayout.structLayout(
          JAVA_SHORT.withName("sin6_family"),
          JAVA_SHORT.withName("sin6_port"),
          JAVA_INT.withName("sin6_flowinfo"),
          bytes(16, "sin6_addr"),
          JAVA_INT.withName("sin6_scope_id"));

  static final long SIN6_PORT = offset(SOCKADDR_IN6, "sin6_port");
  static final long SIN6_ADDR = offset(SOCKADDR_IN6, "sin6_addr");
  static final long SIN6_SCOPE_ID = offset(SOCKADDR_IN6, "sin6_scope_id");

  /** {@code struct sockaddr_un}, linux/un.h. */
  static final StructLayout SOCKADDR_UN =
      MemoryLayout.structLayout(JAVA_SHORT.withName("sun_family"), bytes(108, "sun_path"));

  static final long SUN_PATH = offset(SOCKADDR_UN, "sun_path");

  /** {@code struct linger}, linux/socket.h. */
  static final StructLayout LINGER =
      MemoryLayout.structLayout(JAVA_INT.withName("l_onoff"), JAVA_INT.withName("l_linger"));

  static final long LINGER_ONOFF = offset(LINGER, "l_onoff");
  static final long LINGER_SECONDS = offset(LINGER, "l_linger");

  /** {@code struct ucred}, linux/socket.h. */
  static final StructLayout UCRED =
      MemoryLayout.structLayout(
          JAVA_INT.withName("pid"), JAVA_INT.withName("uid"), JAVA_INT.withName("gid"));

  static final long UCRED_PID = offset(UCRED, "pid");
  static final long UCRED_UID = offset(UCRED, "uid");
  static final long UCRED_GID = offset(UCRED, "gid");

  /** What SO_MEMINFO gives: so many 32-bit counts, of which this one is of drops; sock_diag.h. */
  static final int SK_MEMINFO_VARS = 9;

  static final int SK_MEMINFO_DROPS = 8;

  /** linux/sockios.h, where it is asm-generic/ioctls.h's TIOCOUTQ. */
  static final long SIOCOUTQ = 0x5411;

  private SocketAbi() {}

  private static MemoryLayout bytes(int count, String name) {
    return MemoryLayout.sequenceLayout(count, JAVA_BYTE).withName(name);
  }

  private static long offset(StructLayout layout, String field) {
    return layout.byteOffset(groupElement(field));
  }
}
