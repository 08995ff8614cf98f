package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The downcalls of {@link FileCalls} on open descriptors, as {@link Libc} makes them. */
final class FileDowncalls {
  /** {@code int close(int fd)}. */
  private static final MethodHandle CLOSE =
      Libc.failing("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  /** {@code ssize_t pread(int fd, void *buf, size_t count, off_t offset)}. */
  private static final MethodHandle PREAD =
      Libc.failing(
          "pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  /** {@code ssize_t pwrite(int fd, const void *buf, size_t count, off_t offset)}. */
  private static final MethodHandle PWRITE =
      Libc.failing(
          "pwrite", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG));

  /**
   * {@code ssize_t preadv2(int fd, const struct iovec *iov, int iovcnt, off_t offset, int flags)}.
   */
  private static final MethodHandle PREADV2 =
      Libc.failing(
          "preadv2",
          FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));

  /**
   * {@code ssize_t pwritev2(int fd, const struct iovec *iov, int iovcnt, off_t offset, int flags)}.
   */
  private static final MethodHandle PWRITEV2 =
      Libc.failing(
          "pwritev2",
          FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));

  /** {@code int fsync(int fd)}. */
  private static final MethodHandle FSYNC =
      Libc.failing("fsync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  /** {@code int fdatasync(int fd)}. */
  private static final MethodHandle FDATASYNC =
      Libc.failing("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  /** {@code int fallocate(int fd, int mode, off_t offset, off_t len)}. */
  private static final MethodHandle FALLOCATE =
      Libc.failing(
          "fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));

  /** {@code int ftruncate(int fd, off_t length)}. */
  private static final MethodHandle FTRUNCATE =
      Libc.failing("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));

  /** {@code int fchmod(int fd, mode_t mode)}. */
  private static final MethodHandle FCHMOD =
      Libc.failing("fchmod", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  /** {@code int posix_fadvise(int fd, off_t offset, off_t len, int advice)}. */
  private static final MethodHandle POSIX_FADVISE =
      Libc.infallible(
          "posix_fadvise",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT));

  /** {@code int fcntl(int fd, int op, ... int arg)}. */
  private static final MethodHandle FCNTL =
      Libc.variadic("fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), 2);

  private FileDowncalls() {}

  static int close(int fd) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(memory, (int) CLOSE.invokeExact(memory, fd));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static long pread(int fd, long address, long length, long offset) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(
          memory, (long) PREAD.invokeExact(memory, fd, address, length, offset));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static long pwrite(int fd, long address, long length, long offset) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(
          memory, (long) PWRITE.invokeExact(memory, fd, address, length, offset));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static long preadv2(int fd, long iovecs, int count, long offset, int flags) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(
          memory, (long) PREADV2.invokeExact(memory, fd, iovecs, count, offset, flags));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static long pwritev2(int fd, long iovecs, int count, long offset, int flags) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(
          memory, (long) PWRITEV2.invokeExact(memory, fd, iovecs, count, offset, flags));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int fsync(int fd) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(memory, (int) FSYNC.invokeExact(memory, fd));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int fdatasync(int fd) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(memory, (int) FDATASYNC.invokeExact(memory, fd));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int fallocate(int fd, int mode, long offset, long length) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(
          memory, (int) FALLOCATE.invokeExact(memory, fd, mode, offset, length));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int ftruncate(int fd, long length) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(memory, (int) FTRUNCATE.invokeExact(memory, fd, length));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int fchmod(int fd, int mode) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(memory, (int) FCHMOD.invokeExact(memory, fd, mode));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int fadvise(int fd, long offset, long length, int advice) {
    try {
      return -((int) POSIX_FADVISE.invokeExact(fd, offset, length, advice));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int setPipeSize(int fd, int sizeBytes) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(
          memory, (int) FCNTL.invokeExact(memory, fd, FileAbi.F_SETPIPE_SZ, sizeBytes));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int statusFlags(int fd) {
    return fcntl(fd, FileAbi.F_GETFL, 0);
  }

  static int setStatusFlags(int fd, int flags) {
    return fcntl(fd, FileAbi.F_SETFL, flags);
  }

  private static int fcntl(int fd, int operation, int argument) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(memory, (int) FCNTL.invokeExact(memory, fd, operation, argument));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  /** Whether one byte can be read without waiting; that byte, and where it goes, is scratch. */
  static boolean readsNow(int fd, long offset) {
    MemorySegment memory = CallMemory.ofThread();
    long iovec = CallMemory.SCRATCH;
    memory.set(JAVA_LONG, iovec, memory.address() + iovec + 2 * Long.BYTES);
    memory.set(JAVA_LONG, iovec + Long.BYTES, 1);
    return preadv2(fd, memory.address() + iovec, 1, offset, FileFlags.RWF_NOWAIT) == 1;
  }
}
