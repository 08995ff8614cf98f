package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The downcalls of {@link FileCalls} that move bytes inside the kernel. */
final class CopyDowncalls {
  /**
   * {@code ssize_t copy_file_range(int fd_in, off64_t *off_in, int fd_out, off64_t *off_out, size_t
   * len, unsigned flags)}.
   */
  private static final MethodHandle COPY_FILE_RANGE =
      Libc.failing(
          "copy_file_range",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  /**
   * {@code ssize_t splice(int fd_in, off64_t *off_in, int fd_out, off64_t *off_out, size_t len,
   * unsigned flags)}.
   */
  private static final MethodHandle SPLICE =
      Libc.failing(
          "splice",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  /** {@code ssize_t sendfile(int out_fd, int in_fd, off_t *offset, size_t count)}. */
  private static final MethodHandle SENDFILE =
      Libc.failing(
          "sendfile", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));

  private static final long FIRST = CallMemory.SCRATCH;
  private static final long SECOND = FIRST + Long.BYTES;

  private CopyDowncalls() {}

  static long copyFileRange(int in, long inOffset, int out, long outOffset, long length) {
    MemorySegment memory = CallMemory.ofThread();
    memory.set(JAVA_LONG, FIRST, inOffset);
    memory.set(JAVA_LONG, SECOND, outOffset);
    try {
      return CallMemory.result(
          memory,
          (long)
              COPY_FILE_RANGE.invokeExact(
                  memory, in, memory.address() + FIRST, out, memory.address() + SECOND, length, 0));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static long splice(int in, long inOffset, int out, long length, int flags) {
    MemorySegment memory = CallMemory.ofThread();
    memory.set(JAVA_LONG, FIRST, inOffset);
    long from = inOffset == -1 ? 0 : memory.address() + FIRST;
    try {
      return CallMemory.result(
          memory, (long) SPLICE.invokeExact(memory, in, from, out, 0L, length, flags));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static long sendfile(int socket, int file, long offset, long length) {
    MemorySegment memory = CallMemory.ofThread();
    memory.set(JAVA_LONG, FIRST, offset);
    try {
      return CallMemory.result(
          memory,
          (long) SENDFILE.invokeExact(memory, socket, file, memory.address() + FIRST, length));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }
}
