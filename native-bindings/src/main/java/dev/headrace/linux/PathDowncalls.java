package dev.headrace.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The downcalls of {@link FileCalls} that take a path; relative ones start at the working
 * directory.
 */
final class PathDowncalls {
  /** {@code int openat(int dirfd, const char *pathname, int flags, ... mode_t mode)}. */
  private static final MethodHandle OPENAT =
      Libc.variadic(
          "openat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT), 3);

  /**
   * {@code int statx(int dirfd, const char *pathname, int flags, unsigned mask, struct statx
   * *buf)}.
   */
  private static final MethodHandle STATX =
      Libc.failing(
          "statx",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG));

  /** {@code int unlinkat(int dirfd, const char *pathname, int flags)}. */
  private static final MethodHandle UNLINKAT =
      Libc.failing("unlinkat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));

  /**
   * {@code int renameat2(int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned
   * flags)}.
   */
  private static final MethodHandle RENAMEAT2 =
      Libc.failing(
          "renameat2",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));

  /** {@code int mkdirat(int dirfd, const char *pathname, mode_t mode)}. */
  private static final MethodHandle MKDIRAT =
      Libc.failing("mkdirat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));

  /**
   * {@code int linkat(int from_dirfd, const char *from, int to_dirfd, const char *to, int flags)}.
   */
  private static final MethodHandle LINKAT =
      Libc.failing(
          "linkat",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));

  /** {@code int symlinkat(const char *target, int link_dirfd, const char *link)}. */
  private static final MethodHandle SYMLINKAT =
      Libc.failing("symlinkat", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG));

  /** {@code int fchmodat(int dirfd, const char *pathname, mode_t mode, int flags)}. */
  private static final MethodHandle FCHMODAT =
      Libc.failing(
          "fchmodat", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT));

  private PathDowncalls() {}

  static int openat(int dirfd, long path, int flags, int mode) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(memory, (int) OPENAT.invokeExact(memory, dirfd, path, flags, mode));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int statx(int dirfd, long path, int flags, int mask, long statx) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(
          memory, (int) STATX.invokeExact(memory, dirfd, path, flags, mask, statx));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int unlinkat(int dirfd, long path, int flags) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(memory, (int) UNLINKAT.invokeExact(memory, dirfd, path, flags));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int renameat2(long from, long to, int flags) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(
          memory,
          (int)
              RENAMEAT2.invokeExact(
                  memory, FileFlags.AT_FDCWD, from, FileFlags.AT_FDCWD, to, flags));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int mkdirat(long path, int mode) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(
          memory, (int) MKDIRAT.invokeExact(memory, FileFlags.AT_FDCWD, path, mode));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int linkat(long from, long to, int flags) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(
          memory,
          (int)
              LINKAT.invokeExact(memory, FileFlags.AT_FDCWD, from, FileFlags.AT_FDCWD, to, flags));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int symlinkat(long target, long link) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(
          memory, (int) SYMLINKAT.invokeExact(memory, target, FileFlags.AT_FDCWD, link));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }

  static int fchmodat(long path, int mode) {
    MemorySegment memory = CallMemory.ofThread();
    try {
      return CallMemory.result(
          memory, (int) FCHMODAT.invokeExact(memory, FileFlags.AT_FDCWD, path, mode, 0));
    } catch (Throwable e) {
      throw Libc.rethrown(e);
    }
  }
}
