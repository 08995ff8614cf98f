package dev.headrace.buffer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One page-aligned stretch of native memory, cut into buffers of one size.
 *
 * <pre>
 *   | buffer 0 | buffer 1 | … | buffer n-1 |      each starts on a page: O_DIRECT takes them
 * </pre>
 *
 * The memory lives until the pool frees it: never while a buffer of it is in use.
 */
final class Slab {
  static final int PAGE_BYTES = 4096;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final int bufferSizeBytes;

  Slab(int buffers, int bufferSizeBytes) {
    this.bufferSizeBytes = bufferSizeBytes;
    this.memory = arena.allocate((long) buffers * bufferSizeBytes, PAGE_BYTES);
  }

  MemorySegment slice(int index) {
    return memory.asSlice((long) index * bufferSizeBytes, bufferSizeBytes);
  }

  void free() {
    arena.close();
  }
}
