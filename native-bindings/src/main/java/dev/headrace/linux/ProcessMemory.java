package dev.headrace.linux;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** How much memory a process uses, by {@code /proc/PID/statm}. */
public final class ProcessMemory {
  private ProcessMemory() {}

  /**
   * The part of a process that is in memory: its heap, stacks and native memory, and what it shares
   * with others. The kernel keeps the count roughly, off by up to some dozen pages a CPU since
   * Linux 6.2: enough for megabytes, not for one page.
   *
   * @param pid the process's id, of any user
   * @return bytes, a multiple of the page size; 0 for a zombie or a thread of the kernel
   * @throws LinuxException ESRCH when there is no such process
   * @throws IOException when the file cannot be read for another reason, such as no free descriptor
   * @throws IllegalArgumentException when the id is not above zero
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static long residentBytes(long pid) throws IOException {
    Linux.require("reading /proc/" + pid + "/statm");
    if (pid <= 0) {
      throw new IllegalArgumentException("a process id is above zero, not " + pid);
    }
    return residentBytes(Path.of("/proc"), pid, Linux.pageSizeBytes());
  }

  static long residentBytes(Path proc, long pid, int pageSizeBytes) throws IOException {
    Path statm = proc.resolve(pid + "/statm");
    try {
      // size resident shared text lib data dirty, in pages
      return Long.parseLong(ProcFile.read(statm).split(" ")[1]) * pageSizeBytes;
    } catch (NoSuchFileException goneOrNeverThere) {
      throw new LinuxException("read", statm.toString(), Errno.of(Errno.ESRCH));
    }
  }
}
