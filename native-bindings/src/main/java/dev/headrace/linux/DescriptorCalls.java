package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The downcalls on descriptors and sockets, as {@link Libc} makes them. */
final class DescriptorCalls {
  /** {@code int pipe2(int pipefd[2], int flags)}. */
  private static final MethodHandle PIPE2 =
      Libc.failing("pipe2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

  /** {@code int mkfifo(const char *pathname, mode_t mode)}. */
  private static final MethodHandle MKFIFO =
      Libc.failing("mkfifo", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

  /** {@code int open(const char *pathname, int flags, ...)}: no mode, so nothing is created. */
  private static final MethodHandle OPEN =
      Libc.variadic("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), 2);

  /** {@code int close(int fd)}. */
  private static final MethodHandle CLOSE =
      Libc.failing("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  /** {@code ssize_t read(int fd, void *buf, size_t count)}. */
  private static final MethodHandle READ =
      Libc.failing("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));

  /** {@code ssize_t write(int fd, const void *buf, size_t count)}. */
  private static final MethodHandle WRITE =
      Libc.failing("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));

  /** {@code int socket(int domain, int type, int protocol)}. */
  private static final MethodHandle SOCKET =
      Libc.failing("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

  /** {@code int socketpair(int domain, int type, int protocol, int sv[2])}. */
  private static final MethodHandle SOCKETPAIR =
      Libc.failing(
          "socketpair", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));

  /** {@code int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen)}. */
  private static final MethodHandle BIND =
      Libc.failing("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

  /** {@code int connect(int sockfd, const struct sockaddr *addr, socklen_t addrlen)}. */
  private static final MethodHandle CONNECT =
      Libc.failing("connect", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

  /** {@code int getsockname(int sockfd, struct sockaddr *addr, socklen_t *addrlen)}. */
  private static final MethodHandle GETSOCKNAME =
      Libc.failing("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

  /** {@code int getpeername(int sockfd, struct sockaddr *addr, socklen_t *addrlen)}. */
  private static final MethodHandle GETPEERNAME =
      Libc.failing("getpeername", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

  /**
   * {@code ssize_t sendto(int sockfd, const void *buf, size_t len, int flags, const struct sockaddr
   * *dest_addr, socklen_t addrlen)}.
   */
  private static final MethodHandle SENDTO =
      Libc.failing(
          "sendto",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

  /**
   * {@code ssize_t recvfrom(int sockfd, void *buf, size_t len, int flags, struct sockaddr
   * *src_addr, socklen_t *addrlen)}.
   */
  private static final MethodHandle RECVFROM =
      Libc.failing(
          "recvfrom",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS));

  /** {@code int ioctl(int fd, unsigned long op, ...)}: a place for the answer. */
  private static final MethodHandle IOCTL =
      Libc.variadic("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), 2);

  private DescriptorCalls() {}

  /** A call with the state that {@code errno} is left in; its result, or minus the errno. */
  @FunctionalInterface
  interface Call {
    long make(Arena arena, MemorySegment callState) throws Throwable;
  }

  /** Makes a call; minus the errno where it fails. */
  static long make(Call call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment callState = arena.allocate(Libc.CALL_STATE);
      long result = call.make(arena, callState);
      return result >= 0 ? result : -Libc.errno(callState).number();
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int pipe2(MemorySegment state, MemorySegment ends, int flags) throws Throwable {
    return (int) PIPE2.invokeExact(state, ends, flags);
  }

  static int mkfifo(MemorySegment state, MemorySegment path, int mode) throws Throwable {
    return (int) MKFIFO.invokeExact(state, path, mode);
  }

  static int open(MemorySegment state, MemorySegment path, int flags) throws Throwable {
    return (int) OPEN.invokeExact(state, path, flags);
  }

  static int close(MemorySegment state, int fd) throws Throwable {
    return (int) CLOSE.invokeExact(state, fd);
  }

  static long read(MemorySegment state, int fd, MemorySegment target) throws Throwable {
    return (long) READ.invokeExact(state, fd, target, target.byteSize());
  }

  static long write(MemorySegment state, int fd, MemorySegment source) throws Throwable {
    return (long) WRITE.invokeExact(state, fd, source, source.byteSize());
  }

  static int socket(MemorySegment state, int family, int type) throws Throwable {
    return (int) SOCKET.invokeExact(state, family, type, 0);
  }

  static int socketpair(MemorySegment state, int family, int type, MemorySegment ends)
      throws Throwable {
    return (int) SOCKETPAIR.invokeExact(state, family, type, 0, ends);
  }

  static int bind(MemorySegment state, int fd, MemorySegment address) throws Throwable {
    return (int) BIND.invokeExact(state, fd, address, (int) address.byteSize());
  }

  static int connect(MemorySegment state, int fd, MemorySegment address) throws Throwable {
    return (int) CONNECT.invokeExact(state, fd, address, (int) address.byteSize());
  }

  static int getsockname(
      MemorySegment state, int fd, MemorySegment address, MemorySegment lengthBytes)
      throws Throwable {
    return (int) GETSOCKNAME.invokeExact(state, fd, address, lengthBytes);
  }

  static int getpeername(
      MemorySegment state, int fd, MemorySegment address, MemorySegment lengthBytes)
      throws Throwable {
    return (int) GETPEERNAME.invokeExact(state, fd, address, lengthBytes);
  }

  static long sendto(
      MemorySegment state, int fd, MemorySegment bytes, int flags, MemorySegment address)
      throws Throwable {
    return (long)
        SENDTO.invokeExact(
            state, fd, bytes, bytes.byteSize(), flags, address, (int) address.byteSize());
  }

  static long recvfrom(
      MemorySegment state,
      int fd,
      MemorySegment target,
      int flags,
      MemorySegment address,
      MemorySegment lengthBytes)
      throws Throwable {
    return (long)
        RECVFROM.invokeExact(state, fd, target, target.byteSize(), flags, address, lengthBytes);
  }

  static int ioctl(MemorySegment state, int fd, long operation, MemorySegment answer)
      throws Throwable {
    return (int) IOCTL.invokeExact(state, fd, operation, answer);
  }
}
