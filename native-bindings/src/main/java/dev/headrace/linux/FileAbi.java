package dev.headrace.linux;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/**
 * What the headers of Linux 6.18 say of files' structures and of system calls that the C library
 * does not wrap, the same on x86-64 and aarch64; all of it is frozen ABI. {@code FileAbiTest}
 * checks each against the C compiler. The flags are in {@link FileFlags}.
 */
final class FileAbi {
  /** {@code struct statx_timestamp}, linux/stat.h. */
  static final StructLayout STATX_TIMESTAMP =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("tv_sec"),
          JAVA_INT.withName("tv_nsec"),
          JAVA_INT.withName("__reserved"));

  static final long TIMESTAMP_SECONDS = offset(STATX_TIMESTAMP, "tv_sec");
  static final long TIMESTAMP_NANOS = offset(STATX_TIMESTAMP, "tv_nsec");

  /** {@code struct statx}, linux/stat.h; later kernels name more of what is spare here. */
  static final StructLayout STATX =
      MemoryLayout.structLayout(
          JAVA_INT.withName("stx_mask"),
          JAVA_INT.withName("stx_blksize"),
          JAVA_LONG.withName("stx_attributes"),
          JAVA_INT.withName("stx_nlink"),
          JAVA_INT.withName("stx_uid"),
          JAVA_INT.withName("stx_gid"),
          JAVA_SHORT.withName("stx_mode"),
          JAVA_SHORT.withName("__spare0"),
          JAVA_LONG.withName("stx_ino"),
          JAVA_LONG.withName("stx_size"),
          JAVA_LONG.withName("stx_blocks"),
          JAVA_LONG.withName("stx_attributes_mask"),
          STATX_TIMESTAMP.withName("stx_atime"),
          STATX_TIMESTAMP.withName("stx_btime"),
          STATX_TIMESTAMP.withName("stx_ctime"),
          STATX_TIMESTAMP.withName("stx_mtime"),
          JAVA_INT.withName("stx_rdev_major"),
          JAVA_INT.withName("stx_rdev_minor"),
          JAVA_INT.withName("stx_dev_major"),
          JAVA_INT.withName("stx_dev_minor"),
          MemoryLayout.sequenceLayout(112, JAVA_BYTE).withName("spare"));

  static final long STX_MASK = offset(STATX, "stx_mask");
  static final long STX_BLKSIZE = offset(STATX, "stx_blksize");
  static final long STX_ATTRIBUTES = offset(STATX, "stx_attributes");
  static final long STX_NLINK = offset(STATX, "stx_nlink");
  static final long STX_UID = offset(STATX, "stx_uid");
  static final long STX_GID = offset(STATX, "stx_gid");
  static final long STX_MODE = offset(STATX, "stx_mode");
  static final long STX_INO = offset(STATX, "stx_ino");
  static final long STX_SIZE = offset(STATX, "stx_size");
  static final long STX_BLOCKS = offset(STATX, "stx_blocks");
  static final long STX_ATIME = offset(STATX, "stx_atime");
  static final long STX_BTIME = offset(STATX, "stx_btime");
  static final long STX_CTIME = offset(STATX, "stx_ctime");
  static final long STX_MTIME = offset(STATX, "stx_mtime");
  static final long STX_DEV_MAJOR = offset(STATX, "stx_dev_major");
  static final long STX_DEV_MINOR = offset(STATX, "stx_dev_minor");

  /** asm-generic/fcntl.h. */
  static final int F_GETFL = 3;

  static final int F_SETFL = 4;

  /** linux/fcntl.h. */
  static final int F_SETPIPE_SZ = 1031;

  /** asm-generic/unistd.h; numbers above 402 are the same on x86-64. */
  static final long NR_IO_URING_SETUP = 425;

  static final long NR_IO_URING_REGISTER = 427;
  static final long NR_CACHESTAT = 451;

  /** asm/unistd_64.h of x86-64, asm-generic/unistd.h of aarch64. */
  static final long NR_GETDENTS64 = "aarch64".equals(System.getProperty("os.arch")) ? 61 : 217;

  /** {@code struct linux_dirent64}, linux/dirent.h: this, then the name, which ends with a zero. */
  static final StructLayout DIRENT =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("d_ino"),
          JAVA_LONG.withName("d_off"),
          JAVA_SHORT.withName("d_reclen"),
          JAVA_BYTE.withName("d_type"));

  static final long D_RECLEN = offset(DIRENT, "d_reclen");
  static final long D_TYPE = offset(DIRENT, "d_type");
  static final long D_NAME = DIRENT.byteSize();

  /** {@code struct cachestat_range}, linux/mman.h, Linux 6.5. */
  static final StructLayout CACHESTAT_RANGE =
      MemoryLayout.structLayout(JAVA_LONG.withName("off"), JAVA_LONG.withName("len"));

  static final long RANGE_OFF = offset(CACHESTAT_RANGE, "off");
  static final long RANGE_LEN = offset(CACHESTAT_RANGE, "len");

  /** {@code struct cachestat}, linux/mman.h, Linux 6.5: counts of pages. */
  static final StructLayout CACHESTAT =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("nr_cache"),
          JAVA_LONG.withName("nr_dirty"),
          JAVA_LONG.withName("nr_writeback"),
          JAVA_LONG.withName("nr_evicted"),
          JAVA_LONG.withName("nr_recently_evicted"));

  static final long NR_CACHE = offset(CACHESTAT, "nr_cache");

  /** {@code sizeof(struct io_uring_params)}, linux/io_uring.h: no field of it is used here. */
  static final long IO_URING_PARAMS_BYTES = 120;

  /** {@code struct io_uring_probe}, linux/io_uring.h, Linux 5.6: this, then its operations. */
  static final StructLayout IO_URING_PROBE =
      MemoryLayout.structLayout(
          JAVA_BYTE.withName("last_op"),
          JAVA_BYTE.withName("ops_len"),
          JAVA_SHORT.withName("resv"),
          MemoryLayout.sequenceLayout(3, JAVA_INT).withName("resv2"));

  static final long PROBE_OPS_LEN = offset(IO_URING_PROBE, "ops_len");

  /** {@code struct io_uring_probe_op}, linux/io_uring.h. */
  static final StructLayout IO_URING_PROBE_OP =
      MemoryLayout.structLayout(
          JAVA_BYTE.withName("op"),
          JAVA_BYTE.withName("resv"),
          JAVA_SHORT.withName("flags"),
          JAVA_INT.withName("resv2"));

  static final long PROBE_OP_OP = offset(IO_URING_PROBE_OP, "op");
  static final long PROBE_OP_FLAGS = offset(IO_URING_PROBE_OP, "flags");

  static final int IORING_REGISTER_PROBE = 8;
  static final int IO_URING_OP_SUPPORTED = 1;

  private FileAbi() {}

  private static long offset(StructLayout layout, String field) {
    return layout.byteOffset(groupElement(field));
  }
}
