package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/**
 * The CPUs that a thread may run on.
 *
 * <p>For platform threads only: a virtual thread has no affinity, the call would reach whichever
 * carrier runs it at that moment.
 */
public final class CpuAffinity {
  private static final int CALLING_THREAD = 0;

  private CpuAffinity() {}

  /**
   * The CPUs that the calling thread may run on; on a virtual thread, those of its carrier.
   *
   * @return the CPUs, online ones only, within what the cgroup's cpuset allows
   * @throws LinuxException when the kernel refuses
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static CpuSet ofCurrentThread() throws LinuxException {
    return get(CALLING_THREAD, "calling thread");
  }

  /**
   * The CPUs that a thread may run on.
   *
   * @param tid its id as {@link Linux#gettid()} gives it, of any process; a process's id means its
   *     first thread
   * @return the CPUs
   * @throws LinuxException ESRCH when there is no such thread
   * @throws IllegalArgumentException when the id is not above zero
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static CpuSet ofThread(int tid) throws LinuxException {
    return get(checked(tid), "tid " + tid);
  }

  /**
   * Pins the calling thread, at once and until it is changed; threads that it starts later inherit
   * this.
   *
   * @param cpus where it may run from now on; those that are offline or outside the cgroup's cpuset
   *     are left out silently
   * @throws LinuxException EINVAL when none of the CPUs is left
   * @throws IllegalStateException on a virtual thread
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static void setCurrentThread(CpuSet cpus) throws LinuxException {
    Thread thread = Thread.currentThread();
    if (thread.isVirtual()) {
      throw new IllegalStateException(
          thread
              + " is virtual, this would pin its carrier: set the affinity from a platform thread");
    }
    set(CALLING_THREAD, cpus, "cpus " + cpus);
  }

  /**
   * Pins a thread, at once and until it is changed.
   *
   * @param tid its id as {@link Linux#gettid()} gives it; of another user's process only with
   *     CAP_SYS_NICE
   * @param cpus where it may run from now on; those that are offline or outside the cgroup's cpuset
   *     are left out silently
   * @throws LinuxException EINVAL when none of the CPUs is left, ESRCH when there is no such
   *     thread, EPERM when it is not ours
   * @throws IllegalArgumentException when the id is not above zero
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static void setThread(int tid, CpuSet cpus) throws LinuxException {
    set(checked(tid), cpus, "tid " + tid + ", cpus " + cpus);
  }

  private static CpuSet get(int tid, String resource) throws LinuxException {
    Linux.require("sched_getaffinity");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment callState = arena.allocate(Libc.CALL_STATE);
      MemorySegment mask = arena.allocate(Layouts.CPU_MASK_BYTES, JAVA_LONG.byteAlignment());
      if (Libc.schedGetaffinity(callState, tid, mask) != 0) {
        throw Libc.failure("sched_getaffinity", resource, callState);
      }
      return CpuSet.ofBits(BitSet.valueOf(mask.toArray(JAVA_LONG)));
    }
  }

  private static void set(int tid, CpuSet cpus, String resource) throws LinuxException {
    Linux.require("sched_setaffinity");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment callState = arena.allocate(Libc.CALL_STATE);
      MemorySegment mask = arena.allocate(Layouts.CPU_MASK_BYTES, JAVA_LONG.byteAlignment());
      long[] words = cpus.toBitSet().toLongArray();
      MemorySegment.copy(words, 0, mask, JAVA_LONG, 0, words.length);
      if (Libc.schedSetaffinity(callState, tid, mask) != 0) {
        throw Libc.failure("sched_setaffinity", resource, callState);
      }
    }
  }

  private static int checked(int tid) {
    if (tid <= 0) {
      throw new IllegalArgumentException("a thread id is above zero, not " + tid);
    }
    return tid;
  }
}
