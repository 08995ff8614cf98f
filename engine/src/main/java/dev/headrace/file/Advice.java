package dev.headrace.file;

import dev.headrace.linux.FileFlags;

/** How a part of a file will be used, for the kernel's read-ahead and page cache. */
public enum Advice {
  /** Nothing special. */
  NORMAL(FileFlags.POSIX_FADV_NORMAL),
  /** From front to back: reads ahead more. */
  SEQUENTIAL(FileFlags.POSIX_FADV_SEQUENTIAL),
  /** Here and there: reads nothing ahead. */
  RANDOM(FileFlags.POSIX_FADV_RANDOM),
  /** Soon: begins to read it into the page cache. */
  WILL_NEED(FileFlags.POSIX_FADV_WILLNEED),
  /** Not soon: what the device has already may leave the page cache. */
  DONT_NEED(FileFlags.POSIX_FADV_DONTNEED),
  /** Once. */
  NO_REUSE(FileFlags.POSIX_FADV_NOREUSE);

  private final int number;

  Advice(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
