package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** System calls that the C library has no function for, by their numbers. */
final class NumberedCalls {
  /** {@code long syscall(long number, ...)}. */
  private static final MethodHandle SYSCALL =
      Libc.variadic(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          1);

  private static final long RANGE = CallMemory.SCRATCH;
  private static final long COUNTS = RANGE + FileAbi.CACHESTAT_RANGE.byteSize();

  private NumberedCalls() {}

  /** Whole registers are passed: the kernel takes of each what its own type holds. */
  static long syscall(long number, long first, long second, long third, long fourth) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(
          memory, (long) SYSCALL.invokeExact(memory, number, first, second, third, fourth));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  /**
   * {@code int cachestat(unsigned fd, struct cachestat_range *, struct cachestat *, unsigned
   * flags)}.
   */
  static long cachedBytes(int fd, long offset, long length) {
    MemorySegment memory = CallMemory.ofThread();
    memory.set(JAVA_LONG, RANGE + FileAbi.RANGE_OFF, offset);
    memory.set(JAVA_LONG, RANGE + FileAbi.RANGE_LEN, length);
    long range = memory.address() + RANGE;
    long counts = memory.address() + COUNTS;
    long result = syscall(FileAbi.NR_CACHESTAT, fd, range, counts, 0);
    return result < 0
        ? result
        : memory.get(JAVA_LONG, COUNTS + FileAbi.NR_CACHE) * Libc.getpagesize();
  }
}
