package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutsTest {
  @Test
  void areWhatTheCompilerMakesOfTheHeaders(@TempDir Path directory) throws Exception {
    Map<String, Long> ours = ours();
    assertEquals(ours, compilers(ours, directory));
  }

  /** Our value of each C expression. */
  private static Map<String, Long> ours() {
    Map<String, Long> ours = new LinkedHashMap<>();
    ours.put("sizeof(struct timespec)", Layouts.TIMESPEC.byteSize());
    ours.put("offsetof(struct timespec, tv_sec)", Layouts.TIMESPEC_SECONDS);
    ours.put("offsetof(struct timespec, tv_nsec)", Layouts.TIMESPEC_NANOS);
    ours.put("sizeof(struct rlimit)", Layouts.RLIMIT.byteSize());
    ours.put("offsetof(struct rlimit, rlim_cur)", Layouts.RLIMIT_SOFT);
    ours.put("offsetof(struct rlimit, rlim_max)", Layouts.RLIMIT_HARD);
    ours.put("RLIM_INFINITY", Layouts.RLIM_INFINITY);
    ours.put("RLIMIT_NOFILE", (long) Layouts.RLIMIT_NOFILE);
    ours.put("RLIMIT_MEMLOCK", (long) Layouts.RLIMIT_MEMLOCK);
    ours.put("sizeof(struct utsname)", Layouts.UTSNAME.byteSize());
    ours.put("offsetof(struct utsname, release)", Layouts.UTSNAME_RELEASE);
    ours.put("sizeof(struct timeval)", Layouts.TIMEVAL.byteSize());
    ours.put("offsetof(struct timeval, tv_sec)", Layouts.TIMEVAL_SECONDS);
    ours.put("offsetof(struct timeval, tv_usec)", Layouts.TIMEVAL_MICROS);
    ours.put("sizeof(struct rusage)", Layouts.RUSAGE.byteSize());
    ours.put("offsetof(struct rusage, ru_utime)", Layouts.RUSAGE_USER);
    ours.put("offsetof(struct rusage, ru_stime)", Layouts.RUSAGE_SYSTEM);
    ours.put("RUSAGE_SELF", (long) Layouts.RUSAGE_SELF);
    ours.put("CLOCK_PROCESS_CPUTIME_ID", (long) Layouts.CLOCK_PROCESS_CPUTIME_ID);
    ours.put("CLOCK_THREAD_CPUTIME_ID", (long) Layouts.CLOCK_THREAD_CPUTIME_ID);
    // A whole number of the library's sets, in whole words: ours is the larger one.
    ours.put(Layouts.CPU_MASK_BYTES + " % sizeof(cpu_set_t)", 0L);
    ours.put(Layouts.CPU_MASK_BYTES + " >= sizeof(cpu_set_t)", 1L);
    ours.put("sizeof(((cpu_set_t *)0)->__bits[0])", (long) Long.BYTES);
    ours.put("sizeof(cpu_set_t)", 128L);
    // What the downcalls' descriptors take for granted.
    ours.put("sizeof(int)", (long) Integer.BYTES);
    ours.put("sizeof(pid_t)", (long) Integer.BYTES);
    ours.put("sizeof(clockid_t)", (long) Integer.BYTES);
    ours.put("sizeof(size_t)", (long) Long.BYTES);
    ours.put("sizeof(void *)", (long) Long.BYTES);
    ours.put("sysconf(_SC_PAGESIZE)", (long) Linux.pageSizeBytes());
    return ours;
  }

  private static Map<String, Long> compilers(Map<String, Long> expressions, Path directory)
      throws Exception {
    StringBuilder prints = new StringBuilder();
    expressions.forEach(
        (expression, ours) ->
            prints.append("  printf(\"%ld\\n\", (long) (").append(expression).append("));\n"));
    String source =
        """
        #define _GNU_SOURCE
        #include <sched.h>
        #include <stddef.h>
        #include <stdio.h>
        #include <sys/resource.h>
        #include <sys/time.h>
        #include <sys/utsname.h>
        #include <time.h>
        #include <unistd.h>
        int main(void) {
        %s  return 0;
        }
        """
            .formatted(prints);
    var lines = CProgram.linesOf(source, directory).iterator();
    Map<String, Long> theirs = new LinkedHashMap<>();
    expressions.keySet().forEach(expression -> theirs.put(expression, Long.valueOf(lines.next())));
    return theirs;
  }
}
