package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** A limit that the kernel puts on this process, by {@code getrlimit(2)}. */
public enum ResourceLimit {
  /**
   * Open file descriptors, sockets among them: one more than the highest descriptor. The JVM raises
   * the soft limit to the hard one when it starts, unless {@code -XX:-MaxFDLimit} is given.
   */
  OPEN_FILES("RLIMIT_NOFILE", Layouts.RLIMIT_NOFILE),

  /**
   * Bytes locked in memory: registered io_uring buffers count, and before Linux 5.12 the rings
   * themselves. A process with CAP_IPC_LOCK is not bound by it.
   */
  LOCKED_MEMORY_BYTES("RLIMIT_MEMLOCK", Layouts.RLIMIT_MEMLOCK);

  /** No limit: above every other value, so that {@code soft >= wanted} needs no special case. */
  public static final long UNLIMITED = Long.MAX_VALUE;

  private final String constant;
  private final int number;

  ResourceLimit(String constant, int number) {
    this.constant = constant;
    this.number = number;
  }

  /**
   * The two bounds of a limit.
   *
   * @param soft what holds now, or {@link #UNLIMITED}
   * @param hard what the process may raise the soft limit to, or {@link #UNLIMITED}
   */
  public record Bounds(long soft, long hard) {}

  /**
   * What holds now.
   *
   * @return the bounds, in the unit of this limit
   * @throws LinuxException when the kernel refuses
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public Bounds get() throws LinuxException {
    Linux.require("getrlimit");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment callState = arena.allocate(Libc.CALL_STATE);
      MemorySegment limit = arena.allocate(Layouts.RLIMIT);
      if (Libc.getrlimit(callState, number, limit) != 0) {
        throw Libc.failure("getrlimit", constant, callState);
      }
      return new Bounds(
          fromKernel(limit.get(JAVA_LONG, Layouts.RLIMIT_SOFT)),
          fromKernel(limit.get(JAVA_LONG, Layouts.RLIMIT_HARD)));
    }
  }

  /**
   * Changes the soft limit of this process and leaves the hard one. What is in use already beyond a
   * lowered limit stays in use.
   *
   * @param soft from 0 to the hard limit, or {@link #UNLIMITED}
   * @throws LinuxException EINVAL when it is above the hard limit
   * @throws IllegalArgumentException when it is negative
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public void setSoft(long soft) throws LinuxException {
    Linux.require("setrlimit");
    if (soft < 0) {
      throw new IllegalArgumentException(constant + " is zero at least, not " + soft);
    }
    long hard = get().hard();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment callState = arena.allocate(Libc.CALL_STATE);
      MemorySegment limit = arena.allocate(Layouts.RLIMIT);
      limit.set(JAVA_LONG, Layouts.RLIMIT_SOFT, toKernel(soft));
      limit.set(JAVA_LONG, Layouts.RLIMIT_HARD, toKernel(hard));
      if (Libc.setrlimit(callState, number, limit) != 0) {
        String resource = constant + " soft " + text(soft) + ", hard " + text(hard);
        throw Libc.failure("setrlimit", resource, callState);
      }
    }
  }

  /** The kernel's limits are unsigned: what does not fit a long is as good as none. */
  private static long fromKernel(long limit) {
    return limit < 0 ? UNLIMITED : limit;
  }

  private static long toKernel(long limit) {
    return limit == UNLIMITED ? Layouts.RLIM_INFINITY : limit;
  }

  private static String text(long limit) {
    return limit == UNLIMITED ? "unlimited" : Long.toString(limit);
  }
}
