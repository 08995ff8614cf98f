package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * CPU time by where it was spent.
 *
 * @param userNanos in the program's own code, nanoseconds
 * @param systemNanos in the kernel on the program's behalf, nanoseconds
 */
public record CpuUsage(long userNanos, long systemNanos) {
  /**
   * What all threads of this process used so far, by {@code getrusage(2)}. The kernel splits the
   * total by sampling, to microseconds: {@link CpuTime#ofThisProcessNanos()} is the finer total.
   *
   * @return nanoseconds since the process started
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static CpuUsage ofThisProcess() {
    Linux.require("getrusage");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment callState = arena.allocate(Libc.CALL_STATE);
      MemorySegment usage = arena.allocate(Layouts.RUSAGE);
      if (Libc.getrusage(callState, Layouts.RUSAGE_SELF, usage) != 0) {
        throw new UncheckedIOException(Libc.failure("getrusage", "RUSAGE_SELF", callState));
      }
      return new CpuUsage(nanos(usage, Layouts.RUSAGE_USER), nanos(usage, Layouts.RUSAGE_SYSTEM));
    }
  }

  /**
   * What was used since an earlier reading.
   *
   * @param earlier the earlier reading
   * @return the difference
   */
  public CpuUsage since(CpuUsage earlier) {
    return new CpuUsage(userNanos - earlier.userNanos, systemNanos - earlier.systemNanos);
  }

  /**
   * Both together.
   *
   * @return nanoseconds
   */
  public long totalNanos() {
    return userNanos + systemNanos;
  }

  private static long nanos(MemorySegment usage, long timeval) {
    return usage.get(JAVA_LONG, timeval + Layouts.TIMEVAL_SECONDS) * 1_000_000_000L
        + usage.get(JAVA_LONG, timeval + Layouts.TIMEVAL_MICROS) * 1_000L;
  }
}
