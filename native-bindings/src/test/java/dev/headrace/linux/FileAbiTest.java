package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileAbiTest {
  /** What older headers lack is said here as the newer ones say it. */
  private static final String LIBRARY_HEADERS =
      """
      #define _GNU_SOURCE
      #include <dirent.h>
      #include <fcntl.h>
      #include <linux/falloc.h>
      #include <linux/fs.h>
      #include <linux/io_uring.h>
      #include <linux/mman.h>
      #include <linux/version.h>
      #include <stddef.h>
      #include <stdio.h>
      #include <sys/stat.h>
      #include <sys/syscall.h>
      #include <sys/uio.h>
      #ifndef __NR_cachestat
      #define __NR_cachestat 451
      #endif
      #if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
      struct cachestat_range { __u64 off, len; };
      struct cachestat {
        __u64 nr_cache, nr_dirty, nr_writeback, nr_evicted, nr_recently_evicted;
      };
      #endif
      """;

  /** The library says 0 of O_LARGEFILE, and its header cannot be read beside the kernel's. */
  private static final String KERNEL_HEADERS =
      """
      #include <asm/fcntl.h>
      #include <stdio.h>
      """;

  @Test
  void flagsAreThoseOfTheHeaders(@TempDir Path directory) throws Exception {
    Map<String, Long> ours = flags();
    assertTrue(ours.size() > 60);
    ours.remove("O_LARGEFILE");
    assertEquals(compilers(LIBRARY_HEADERS, ours, directory), ours);
  }

  @Test
  void openFlagsAreTheKernelsOwn(@TempDir Path directory) throws Exception {
    Map<String, Long> ours = flags();
    ours.keySet().removeIf(name -> !name.startsWith("O_"));
    assertEquals(compilers(KERNEL_HEADERS, ours, directory), ours);
  }

  @Test
  void layoutsAreWhatTheCompilerMakesOfTheHeaders(@TempDir Path directory) throws Exception {
    Map<String, Long> ours = new LinkedHashMap<>();
    statx(ours);
    cachestat(ours);
    ours.put("__NR_getdents64", FileAbi.NR_GETDENTS64);
    offset(ours, "dirent64", "d_reclen", FileAbi.D_RECLEN);
    offset(ours, "dirent64", "d_type", FileAbi.D_TYPE);
    offset(ours, "dirent64", "d_name", FileAbi.D_NAME);
    ioUring(ours);
    ours.put("F_SETPIPE_SZ", (long) FileAbi.F_SETPIPE_SZ);
    // What the downcalls' descriptors take for granted.
    ours.put("sizeof(off_t)", (long) Long.BYTES);
    ours.put("sizeof(mode_t)", (long) Integer.BYTES);
    ours.put("sizeof(struct iovec)", 2L * Long.BYTES);
    assertEquals(compilers(LIBRARY_HEADERS, ours, directory), ours);
  }

  @Test
  void aCallsMemoryHoldsTheErrnoAndTheLargestScratch() {
    assertTrue(Libc.CALL_STATE.byteSize() <= CallMemory.SCRATCH);
    long cachestat = FileAbi.CACHESTAT_RANGE.byteSize() + FileAbi.CACHESTAT.byteSize();
    assertTrue(CallMemory.SCRATCH + cachestat <= CallMemory.SIZE_BYTES);
  }

  /** The constants are named as the headers name them. */
  private static Map<String, Long> flags() throws IllegalAccessException {
    Map<String, Long> flags = new LinkedHashMap<>();
    for (Field field : FileFlags.class.getFields()) {
      flags.put(field.getName(), (long) field.getInt(null));
    }
    return flags;
  }

  private static void statx(Map<String, Long> ours) {
    ours.put("sizeof(struct statx)", FileAbi.STATX.byteSize());
    ours.put(Statx.SIZE_BYTES + " - sizeof(struct statx)", 0L);
    offset(ours, "statx", "stx_mask", FileAbi.STX_MASK);
    offset(ours, "statx", "stx_blksize", FileAbi.STX_BLKSIZE);
    offset(ours, "statx", "stx_attributes", FileAbi.STX_ATTRIBUTES);
    offset(ours, "statx", "stx_nlink", FileAbi.STX_NLINK);
    offset(ours, "statx", "stx_uid", FileAbi.STX_UID);
    offset(ours, "statx", "stx_gid", FileAbi.STX_GID);
    offset(ours, "statx", "stx_mode", FileAbi.STX_MODE);
    ours.put("sizeof(((struct statx *)0)->stx_mode)", (long) Short.BYTES);
    offset(ours, "statx", "stx_ino", FileAbi.STX_INO);
    offset(ours, "statx", "stx_size", FileAbi.STX_SIZE);
    offset(ours, "statx", "stx_blocks", FileAbi.STX_BLOCKS);
    offset(ours, "statx", "stx_atime", FileAbi.STX_ATIME);
    offset(ours, "statx", "stx_btime", FileAbi.STX_BTIME);
    offset(ours, "statx", "stx_ctime", FileAbi.STX_CTIME);
    offset(ours, "statx", "stx_mtime", FileAbi.STX_MTIME);
    offset(ours, "statx", "stx_dev_major", FileAbi.STX_DEV_MAJOR);
    offset(ours, "statx", "stx_dev_minor", FileAbi.STX_DEV_MINOR);
    ours.put("sizeof(struct statx_timestamp)", FileAbi.STATX_TIMESTAMP.byteSize());
    offset(ours, "statx_timestamp", "tv_sec", FileAbi.TIMESTAMP_SECONDS);
    offset(ours, "statx_timestamp", "tv_nsec", FileAbi.TIMESTAMP_NANOS);
  }

  private static void cachestat(Map<String, Long> ours) {
    ours.put("__NR_cachestat", FileAbi.NR_CACHESTAT);
    ours.put("sizeof(struct cachestat_range)", FileAbi.CACHESTAT_RANGE.byteSize());
    offset(ours, "cachestat_range", "off", FileAbi.RANGE_OFF);
    offset(ours, "cachestat_range", "len", FileAbi.RANGE_LEN);
    ours.put("sizeof(struct cachestat)", FileAbi.CACHESTAT.byteSize());
    offset(ours, "cachestat", "nr_cache", FileAbi.NR_CACHE);
  }

  private static void ioUring(Map<String, Long> ours) {
    ours.put("__NR_io_uring_setup", FileAbi.NR_IO_URING_SETUP);
    ours.put("__NR_io_uring_register", FileAbi.NR_IO_URING_REGISTER);
    ours.put("IORING_REGISTER_PROBE", (long) FileAbi.IORING_REGISTER_PROBE);
    ours.put("IO_URING_OP_SUPPORTED", (long) FileAbi.IO_URING_OP_SUPPORTED);
    ours.put("sizeof(struct io_uring_params)", FileAbi.IO_URING_PARAMS_BYTES);
    ours.put("sizeof(struct io_uring_probe)", FileAbi.IO_URING_PROBE.byteSize());
    offset(ours, "io_uring_probe", "ops_len", FileAbi.PROBE_OPS_LEN);
    offset(ours, "io_uring_probe", "ops", FileAbi.IO_URING_PROBE.byteSize());
    ours.put("sizeof(struct io_uring_probe_op)", FileAbi.IO_URING_PROBE_OP.byteSize());
    offset(ours, "io_uring_probe_op", "op", FileAbi.PROBE_OP_OP);
    offset(ours, "io_uring_probe_op", "flags", FileAbi.PROBE_OP_FLAGS);
    ours.put("IORING_OP_READ", (long) IoUringProbeTest.IORING_OP_READ);
  }

  private static void offset(Map<String, Long> ours, String type, String field, long offset) {
    ours.put("offsetof(struct " + type + ", " + field + ")", offset);
  }

  /** The compiler's value of each of our expressions. */
  private static Map<String, Long> compilers(String headers, Map<String, Long> ours, Path directory)
      throws Exception {
    StringBuilder source = new StringBuilder(headers).append("int main(void) {\n");
    for (String expression : ours.keySet()) {
      source.append("  printf(\"%ld\\n\", (long) (").append(expression).append("));\n");
    }
    var lines =
        CProgram.linesOf(source.append("  return 0;\n}\n").toString(), directory).iterator();
    Map<String, Long> theirs = new LinkedHashMap<>();
    ours.keySet().forEach(expression -> theirs.put(expression, Long.valueOf(lines.next())));
    return theirs;
  }
}
