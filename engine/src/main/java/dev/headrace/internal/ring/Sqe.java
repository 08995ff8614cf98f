package dev.headrace.internal.ring;

import io.netty.channel.uring.IoUringIoOps;

/**
 * Makes the submissions of file operations: the one place that knows which operand goes where in a
 * {@code struct io_uring_sqe} (linux/io_uring.h of Linux 6.18; frozen ABI).
 *
 * <pre>
 *            fd       off (union1)   addr (union2)  len        op_flags (union3)  file_index (union5)
 * READ       file     position       memory         bytes      RWF_…
 * READV      file     position       iovecs         count      RWF_…
 * FSYNC      file     0              0              0          FSYNC_DATASYNC
 * FALLOCATE  file     offset         length         mode
 * FTRUNCATE  file     length
 * FADVISE    file     offset         (length)       length     advice
 * OPENAT     AT_FDCWD 0              path           mode       O_…
 * CLOSE      file
 * STATX      dir      statx memory   path           mask       AT_…
 * UNLINKAT   AT_FDCWD 0              path           0          AT_REMOVEDIR
 * RENAMEAT   AT_FDCWD to             from           AT_FDCWD   RENAME_…
 * MKDIRAT    AT_FDCWD 0              path           mode
 * LINKAT     AT_FDCWD to             from           AT_FDCWD   AT_…
 * SYMLINKAT  AT_FDCWD link           target
 * </pre>
 */
final class Sqe {
  static final int FSYNC = 3;
  static final int READV = 1;
  static final int WRITEV = 2;
  static final int ASYNC_CANCEL = 14;
  static final int FALLOCATE = 17;
  static final int OPENAT = 18;
  static final int CLOSE = 19;
  static final int STATX = 21;
  static final int READ = 22;
  static final int WRITE = 23;
  static final int FADVISE = 24;
  static final int RENAMEAT = 35;
  static final int UNLINKAT = 36;
  static final int MKDIRAT = 37;
  static final int SYMLINKAT = 38;
  static final int LINKAT = 39;
  static final int FTRUNCATE = 55;

  static final int FSYNC_DATASYNC = 1;

  /** The submission goes to a kernel worker at once. */
  static final byte ASYNC = 1 << 4;

  private static final int AT_FDCWD = -100;

  private Sqe() {}

  private static IoUringIoOps ops(
      int opcode, byte flags, int fd, long off, long addr, int len, int opFlags, short tag) {
    return new IoUringIoOps(
        (byte) opcode,
        flags,
        (short) 0,
        fd,
        off,
        addr,
        len,
        opFlags,
        (long) tag,
        (short) 0,
        (short) 0,
        0,
        0L);
  }

  /** READ, WRITE, READV or WRITEV. */
  static IoUringIoOps transfer(
      int opcode, byte flags, int fd, long position, long address, int length, short tag) {
    return ops(opcode, flags, fd, position, address, length, 0, tag);
  }

  static IoUringIoOps fsync(byte flags, int fd, boolean dataOnly, short tag) {
    return ops(FSYNC, flags, fd, 0, 0, 0, dataOnly ? FSYNC_DATASYNC : 0, tag);
  }

  static IoUringIoOps fallocate(byte flags, int fd, int mode, long offset, long length, short tag) {
    return ops(FALLOCATE, flags, fd, offset, length, mode, 0, tag);
  }

  static IoUringIoOps ftruncate(byte flags, int fd, long length, short tag) {
    return ops(FTRUNCATE, flags, fd, length, 0, 0, 0, tag);
  }

  /** A length that does not fit into {@code len} goes into {@code addr} (Linux 6.9). */
  static IoUringIoOps fadvise(byte flags, int fd, long offset, long length, int advice, short tag) {
    boolean isShort = length <= Integer.MAX_VALUE;
    return ops(
        FADVISE, flags, fd, offset, isShort ? 0 : length, isShort ? (int) length : 0, advice, tag);
  }

  static IoUringIoOps openat(byte flags, long path, int openFlags, int mode, short tag) {
    return ops(OPENAT, flags, AT_FDCWD, 0, path, mode, openFlags, tag);
  }

  static IoUringIoOps close(byte flags, int fd, short tag) {
    return ops(CLOSE, flags, fd, 0, 0, 0, 0, tag);
  }

  static IoUringIoOps statx(
      byte flags, int directory, long path, int atFlags, int mask, long statx, short tag) {
    return ops(STATX, flags, directory, statx, path, mask, atFlags, tag);
  }

  static IoUringIoOps unlinkat(byte flags, long path, int atFlags, short tag) {
    return ops(UNLINKAT, flags, AT_FDCWD, 0, path, 0, atFlags, tag);
  }

  static IoUringIoOps renameat(byte flags, long from, long to, int renameFlags, short tag) {
    return ops(RENAMEAT, flags, AT_FDCWD, to, from, AT_FDCWD, renameFlags, tag);
  }

  static IoUringIoOps mkdirat(byte flags, long path, int mode, short tag) {
    return ops(MKDIRAT, flags, AT_FDCWD, 0, path, mode, 0, tag);
  }

  static IoUringIoOps linkat(byte flags, long from, long to, int atFlags, short tag) {
    return ops(LINKAT, flags, AT_FDCWD, to, from, AT_FDCWD, atFlags, tag);
  }

  static IoUringIoOps symlinkat(byte flags, long target, long link, short tag) {
    return ops(SYMLINKAT, flags, AT_FDCWD, link, target, 0, 0, tag);
  }

  /** Cancels what was submitted under an id of Netty's. */
  static IoUringIoOps cancel(long submitted, short tag) {
    return ops(ASYNC_CANCEL, (byte) 0, -1, 0, submitted, 0, 0, tag);
  }
}
