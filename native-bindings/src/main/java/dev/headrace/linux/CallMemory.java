package dev.headrace.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The memory of a call in progress, one for each thread, so that a call on the event loop allocates
 * nothing: the {@code errno}, then what the call points to.
 *
 * <pre>
 *   0        8                                            64
 *   | errno  | scratch: offsets, or a range and its counts |
 * </pre>
 *
 * <p>No function that is called here calls back, so a thread is in one call at most. A virtual
 * thread has its own as well: it may be moved between the call and the reading of {@code errno}.
 * The garbage collector frees the memory some time after its thread has ended.
 */
final class CallMemory {
  static final long SIZE_BYTES = 64;
  static final long SCRATCH = 8;

  private static final ThreadLocal<MemorySegment> OF_THREAD =
      ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(SIZE_BYTES, SIZE_BYTES));

  private CallMemory() {}

  /** The calling thread's; it is passed as the call state, which keeps it alive meanwhile. */
  static MemorySegment ofThread() {
    return OF_THREAD.get();
  }

  /** A call's result, or minus the errno. */
  static long result(MemorySegment memory, long result) {
    return result >= 0 ? result : -Libc.errnoNumber(memory);
  }

  /** A call's result, or minus the errno. */
  static int result(MemorySegment memory, int result) {
    return result >= 0 ? result : -Libc.errnoNumber(memory);
  }
}
