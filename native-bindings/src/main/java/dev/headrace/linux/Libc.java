package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;

/**
 * Every downcall of this package, each beside its C signature.
 *
 * <p>Loading this class resolves the symbols, so every caller asks {@link Linux#require} first. A
 * function that the C library lacks, or all of them where the JVM denies native access, do not fail
 * the class: their handles throw {@link UnsupportedOperationException} when they are called.
 *
 * <p>A function that can fail takes a segment of {@link #CALL_STATE} first, where the linker leaves
 * {@code errno}: by the time Java could ask for it, the JVM may have changed it.
 */
final class Libc {
  static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();

  private static final long ERRNO =
      CALL_STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle NEW_REFUSAL = newRefusal();

  /** {@code int uname(struct utsname *buf)}. */
  private static final MethodHandle UNAME =
      failing("uname", FunctionDescriptor.of(JAVA_INT, ADDRESS));

  /** {@code int getpagesize(void)}. */
  private static final MethodHandle GETPAGESIZE =
      infallible("getpagesize", FunctionDescriptor.of(JAVA_INT));

  static final boolean GETTID_IS_PRESENT = LINKER.defaultLookup().find("gettid").isPresent();

  /** {@code pid_t gettid(void)}; glibc 2.30. */
  private static final MethodHandle GETTID = infallible("gettid", FunctionDescriptor.of(JAVA_INT));

  /** {@code int sched_getaffinity(pid_t pid, size_t cpusetsize, cpu_set_t *mask)}. */
  private static final MethodHandle SCHED_GETAFFINITY =
      failing("sched_getaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));

  /** {@code int sched_setaffinity(pid_t pid, size_t cpusetsize, const cpu_set_t *mask)}. */
  private static final MethodHandle SCHED_SETAFFINITY =
      failing("sched_setaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));

  /** {@code int getrlimit(int resource, struct rlimit *rlim)}. */
  private static final MethodHandle GETRLIMIT =
      failing("getrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

  /** {@code int setrlimit(int resource, const struct rlimit *rlim)}. */
  private static final MethodHandle SETRLIMIT =
      failing("setrlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

  /** {@code int clock_gettime(clockid_t clockid, struct timespec *tp)}. */
  private static final MethodHandle CLOCK_GETTIME =
      failing("clock_gettime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

  /** {@code int getrusage(int who, struct rusage *usage)}. */
  private static final MethodHandle GETRUSAGE =
      failing("getrusage", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

  /** {@code ssize_t send(int sockfd, const void *buf, size_t len, int flags)}. */
  private static final MethodHandle SEND =
      failing("send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  /**
   * {@code int getsockopt(int sockfd, int level, int optname, void *optval, socklen_t *optlen)}.
   */
  private static final MethodHandle GETSOCKOPT =
      failing(
          "getsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

  /**
   * {@code int setsockopt(int fd, int level, int optname, const void *optval, socklen_t optlen)}.
   */
  private static final MethodHandle SETSOCKOPT =
      failing(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

  private Libc() {}

  static int uname(MemorySegment callState, MemorySegment name) {
    try {
      return (int) UNAME.invokeExact(callState, name);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  static int getpagesize() {
    try {
      return (int) GETPAGESIZE.invokeExact();
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  static int gettid() {
    try {
      return (int) GETTID.invokeExact();
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  static int schedGetaffinity(MemorySegment callState, int tid, MemorySegment mask) {
    try {
      return (int) SCHED_GETAFFINITY.invokeExact(callState, tid, mask.byteSize(), mask);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  static int schedSetaffinity(MemorySegment callState, int tid, MemorySegment mask) {
    try {
      return (int) SCHED_SETAFFINITY.invokeExact(callState, tid, mask.byteSize(), mask);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  static int getrlimit(MemorySegment callState, int resource, MemorySegment limit) {
    try {
      return (int) GETRLIMIT.invokeExact(callState, resource, limit);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  static int setrlimit(MemorySegment callState, int resource, MemorySegment limit) {
    try {
      return (int) SETRLIMIT.invokeExact(callState, resource, limit);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  static int clockGettime(MemorySegment callState, int clock, MemorySegment time) {
    try {
      return (int) CLOCK_GETTIME.invokeExact(callState, clock, time);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  static int getrusage(MemorySegment callState, int who, MemorySegment usage) {
    try {
      return (int) GETRUSAGE.invokeExact(callState, who, usage);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  static long send(MemorySegment callState, int descriptor, MemorySegment bytes, int flags) {
    try {
      return (long) SEND.invokeExact(callState, descriptor, bytes, bytes.byteSize(), flags);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  static int getsockopt(
      MemorySegment callState,
      int fd,
      int level,
      int number,
      MemorySegment value,
      MemorySegment length) {
    try {
      return (int) GETSOCKOPT.invokeExact(callState, fd, level, number, value, length);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  static int setsockopt(
      MemorySegment callState, int fd, int level, int number, MemorySegment value) {
    try {
      return (int)
          SETSOCKOPT.invokeExact(callState, fd, level, number, value, (int) value.byteSize());
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** The {@code errno} that the last failed call left in this call state. */
  static Errno errno(MemorySegment callState) {
    return Errno.of(errnoNumber(callState));
  }

  /** The same as a bare number, for calls that are too many to look up a name each. */
  static int errnoNumber(MemorySegment callState) {
    return callState.get(JAVA_INT, ERRNO);
  }

  static LinuxException failure(String operation, String resource, MemorySegment callState) {
    return new LinuxException(operation, resource, errno(callState));
  }

  /** A handle that takes a call state before the function's own arguments. */
  static MethodHandle failing(String name, FunctionDescriptor function) {
    return handle(name, function, Linker.Option.captureCallState("errno"));
  }

  /** The same, for a function with variable arguments after its first {@code fixed} ones. */
  static MethodHandle variadic(String name, FunctionDescriptor function, int fixed) {
    return handle(
        name,
        function,
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(fixed));
  }

  /** A handle that takes no call state: the function cannot fail, or returns its error itself. */
  static MethodHandle infallible(String name, FunctionDescriptor function) {
    return handle(name, function);
  }

  @SuppressWarnings("restricted")
  private static MethodHandle handle(
      String name, FunctionDescriptor function, Linker.Option... options) {
    MethodType type = function.toMethodType();
    if (options.length > 0) {
      type = type.insertParameterTypes(0, MemorySegment.class);
    }
    Optional<MemorySegment> address = LINKER.defaultLookup().find(name);
    if (address.isEmpty()) {
      return refusing(type, "this host's C library has no " + name);
    }
    try {
      return LINKER.downcallHandle(address.get(), function, options);
    } catch (IllegalCallerException nativeAccessIsDenied) {
      return refusing(
          type,
          name
              + " needs native access: start the JVM with --enable-native-access=dev.headrace.linux,"
              + " or ALL-UNNAMED where this is on the class path");
    }
  }

  /** A handle that takes what the function would, and throws. */
  private static MethodHandle refusing(MethodType type, String message) {
    MethodHandle thrower =
        MethodHandles.throwException(type.returnType(), UnsupportedOperationException.class);
    MethodHandle refusal = MethodHandles.collectArguments(thrower, 0, NEW_REFUSAL.bindTo(message));
    return MethodHandles.dropArguments(refusal, 0, type.parameterList());
  }

  private static MethodHandle newRefusal() {
    try {
      return MethodHandles.publicLookup()
          .findConstructor(
              UnsupportedOperationException.class, MethodType.methodType(void.class, String.class));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("UnsupportedOperationException(String) is gone", e);
    }
  }

  /** The functions throw nothing of their own; {@link #refusing} handles and broken JVMs do. */
  static RuntimeException rethrown(Throwable e) {
    return switch (e) {
      case RuntimeException unchecked -> unchecked;
      case Error error -> throw error;
      default -> new IllegalStateException(e);
    };
  }
}
