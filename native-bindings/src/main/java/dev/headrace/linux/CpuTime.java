package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * CPU time used so far, user and system together, by {@code clock_gettime(2)}: differences of it
 * are what a stretch of work cost.
 */
public final class CpuTime {
  /**
   * PID_MAX_LIMIT, linux/threads.h: ids beyond it do not exist, and would not fit a clock id
   * either.
   */
  private static final int MAX_PID = 4 * 1024 * 1024;

  /** CPUCLOCK_SCHED, linux/posix-timers_types.h: the scheduler's nanoseconds rather than ticks. */
  private static final int SCHEDULER_CLOCK = 2;

  /** CPUCLOCK_PERTHREAD_MASK, beside it. */
  private static final int PER_THREAD = 4;

  /**
   * Native scratch of each thread that ever asked. A loop asks at every wake-up: an arena a call
   * would cost it a malloc, a free and garbage; this costs 20 bytes a thread, freed after the
   * thread is gone.
   */
  private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::allocate);

  private record Scratch(MemorySegment callState, MemorySegment time) {
    static Scratch allocate() {
      Arena arena = Arena.ofAuto();
      return new Scratch(arena.allocate(Libc.CALL_STATE), arena.allocate(Layouts.TIMESPEC));
    }
  }

  private CpuTime() {}

  /**
   * CPU time that the calling thread used; for platform threads, on a virtual one it is its
   * carrier's. Allocates at a thread's first call only.
   *
   * @return nanoseconds, never falling
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static long ofCurrentThreadNanos() {
    return ofOwnClockNanos(Layouts.CLOCK_THREAD_CPUTIME_ID, "calling thread");
  }

  /**
   * CPU time that all threads of this process used, the JVM's own and the ended ones among them.
   *
   * @return nanoseconds, never falling
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static long ofThisProcessNanos() {
    return ofOwnClockNanos(Layouts.CLOCK_PROCESS_CPUTIME_ID, "this process");
  }

  /**
   * CPU time that all threads of a process used, whosever it is; its children are not counted.
   *
   * @param pid the process's id
   * @return nanoseconds, never falling
   * @throws LinuxException ESRCH when there is no such process
   * @throws IllegalArgumentException when the id is not above zero
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static long ofProcessNanos(long pid) throws LinuxException {
    return ofIdNanos(pid, SCHEDULER_CLOCK, "CPU time of pid ");
  }

  /**
   * CPU time that a thread of this process used.
   *
   * @param tid its id as {@link Linux#gettid()} gives it
   * @return nanoseconds, never falling
   * @throws LinuxException ESRCH when this process has no such thread, or none any more
   * @throws IllegalArgumentException when the id is not above zero
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static long ofThreadNanos(int tid) throws LinuxException {
    return ofIdNanos(tid, PER_THREAD | SCHEDULER_CLOCK, "CPU time of tid ");
  }

  private static long ofOwnClockNanos(int clock, String resource) {
    Linux.require("clock_gettime");
    Scratch scratch = SCRATCH.get();
    if (Libc.clockGettime(scratch.callState, clock, scratch.time) != 0) {
      throw new UncheckedIOException(Libc.failure("clock_gettime", resource, scratch.callState));
    }
    return nanos(scratch.time);
  }

  private static long ofIdNanos(long id, int clockKind, String resource) throws LinuxException {
    Linux.require("clock_gettime");
    if (id <= 0) {
      throw new IllegalArgumentException("a process or thread id is above zero, not " + id);
    }
    if (id > MAX_PID) {
      throw new LinuxException("clock_gettime", resource + id, Errno.of(Errno.ESRCH));
    }
    Scratch scratch = SCRATCH.get();
    if (Libc.clockGettime(scratch.callState, clockOf((int) id, clockKind), scratch.time) == 0) {
      return nanos(scratch.time);
    }
    Errno errno = Libc.errno(scratch.callState);
    // The kernel calls the clock of an id that is not there invalid: clock_getcpuclockid(3)
    // translates it just so.
    throw new LinuxException(
        "clock_gettime",
        resource + id,
        errno.number() == Errno.EINVAL ? Errno.of(Errno.ESRCH) : errno);
  }

  /**
   * A process's or thread's clock id, make_process_cpuclock of linux/posix-timers.h:
   *
   * <pre>
   *   31               3   2      1   0
   *   +----------------+--------+-------+
   *   |   not the id   | thread | clock |
   *   +----------------+--------+-------+
   * </pre>
   */
  static int clockOf(int id, int clockKind) {
    return (~id << 3) | clockKind;
  }

  private static long nanos(MemorySegment time) {
    return time.get(JAVA_LONG, Layouts.TIMESPEC_SECONDS) * 1_000_000_000L
        + time.get(JAVA_LONG, Layouts.TIMESPEC_NANOS);
  }
}
