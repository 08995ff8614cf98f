package dev.headrace.linux;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;

/**
 * The kernel's structures and numbers as 64-bit Linux lays them out, the same on x86-64 and
 * aarch64. Taken from the headers of Linux 6.18; all of them are frozen ABI. {@code LayoutsTest}
 * checks each against the C compiler.
 */
final class Layouts {
  /** {@code struct timespec}, linux/time.h (as the 64-bit {@code __kernel_timespec}). */
  static final StructLayout TIMESPEC =
      MemoryLayout.structLayout(JAVA_LONG.withName("tv_sec"), JAVA_LONG.withName("tv_nsec"));

  static final long TIMESPEC_SECONDS = offset(TIMESPEC, "tv_sec");
  static final long TIMESPEC_NANOS = offset(TIMESPEC, "tv_nsec");

  /** {@code struct rlimit}, linux/resource.h; unsigned, all ones is {@code RLIM_INFINITY}. */
  static final StructLayout RLIMIT =
      MemoryLayout.structLayout(JAVA_LONG.withName("rlim_cur"), JAVA_LONG.withName("rlim_max"));

  static final long RLIMIT_SOFT = offset(RLIMIT, "rlim_cur");
  static final long RLIMIT_HARD = offset(RLIMIT, "rlim_max");
  static final long RLIM_INFINITY = -1L;

  /** {@code struct new_utsname}, linux/utsname.h: six strings of up to 64 bytes and a zero. */
  static final StructLayout UTSNAME =
      MemoryLayout.structLayout(
          utsnameField("sysname"),
          utsnameField("nodename"),
          utsnameField("release"),
          utsnameField("version"),
          utsnameField("machine"),
          utsnameField("domainname"));

  static final long UTSNAME_RELEASE = offset(UTSNAME, "release");

  /** {@code struct timeval}, linux/time.h (as the 64-bit {@code __kernel_old_timeval}). */
  static final StructLayout TIMEVAL =
      MemoryLayout.structLayout(JAVA_LONG.withName("tv_sec"), JAVA_LONG.withName("tv_usec"));

  static final long TIMEVAL_SECONDS = offset(TIMEVAL, "tv_sec");
  static final long TIMEVAL_MICROS = offset(TIMEVAL, "tv_usec");

  /**
   * {@code struct rusage}, linux/resource.h: two times, then fourteen counters that nobody here
   * reads.
   */
  static final StructLayout RUSAGE =
      MemoryLayout.structLayout(
          TIMEVAL.withName("ru_utime"),
          TIMEVAL.withName("ru_stime"),
          MemoryLayout.sequenceLayout(14, JAVA_LONG).withName("counters"));

  static final long RUSAGE_USER = offset(RUSAGE, "ru_utime");
  static final long RUSAGE_SYSTEM = offset(RUSAGE, "ru_stime");

  /**
   * What is passed as a {@code cpu_set_t}: not the 128 bytes of sched.h, since {@code
   * sched_getaffinity} fails with EINVAL where the kernel was built for more CPUs than the mask
   * holds. 8192 is the largest {@code CONFIG_NR_CPUS} (arch/x86/Kconfig).
   */
  static final int CPU_MASK_BYTES = CpuSet.MAX_CPUS / Byte.SIZE;

  /** include/uapi/asm-generic/resource.h and linux/resource.h. */
  static final int RLIMIT_NOFILE = 7;

  static final int RLIMIT_MEMLOCK = 8;
  static final int RUSAGE_SELF = 0;

  /** linux/time.h. */
  static final int CLOCK_PROCESS_CPUTIME_ID = 2;

  static final int CLOCK_THREAD_CPUTIME_ID = 3;

  private Layouts() {}

  private static MemoryLayout utsnameField(String name) {
    return MemoryLayout.sequenceLayout(65, JAVA_BYTE).withName(name);
  }

  private static long offset(StructLayout layout, String field) {
    return layout.byteOffset(groupElement(field));
  }
}
