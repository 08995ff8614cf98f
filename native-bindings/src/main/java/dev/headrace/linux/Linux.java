package dev.headrace.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the host is. */
public final class Linux {
  private static final String OS_NAME = System.getProperty("os.name");
  private static final boolean PRESENT = "Linux".equals(OS_NAME);

  private Linux() {}

  /**
   * Whether this host runs Linux; everywhere else no native call of this package may be made.
   *
   * @return true on Linux
   */
  public static boolean isPresent() {
    return PRESENT;
  }

  /**
   * The running kernel's version, by {@code uname(2)}: in a container this is the host's kernel.
   *
   * @return the version
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static KernelVersion kernelVersion() {
    require("uname");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment callState = arena.allocate(Libc.CALL_STATE);
      MemorySegment name = arena.allocate(Layouts.UTSNAME);
      if (Libc.uname(callState, name) != 0) {
        throw new UncheckedIOException(Libc.failure("uname", "", callState));
      }
      return KernelVersion.parse(name.getString(Layouts.UTSNAME_RELEASE));
    }
  }

  /**
   * The size of a page of memory: 4096 on x86-64, up to 65536 on aarch64.
   *
   * @return bytes
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static int pageSizeBytes() {
    require("getpagesize");
    return Libc.getpagesize();
  }

  /**
   * The kernel's id of the calling thread, as {@code top -H} shows it: what {@link
   * CpuTime#ofThreadNanos} and {@link CpuAffinity#ofThread} take. On a virtual thread it is the id
   * of whichever carrier happens to run it.
   *
   * @return the thread id, above zero
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static int gettid() {
    require("gettid");
    return Libc.GETTID_IS_PRESENT ? Libc.gettid() : threadIdByProc();
  }

  /** Refuses a native operation where there is no Linux, before anything native is resolved. */
  static void require(String operation) {
    if (!PRESENT) {
      throw new UnsupportedOperationException(operation + " needs Linux, os.name is " + OS_NAME);
    }
  }

  /**
   * glibc has {@code gettid} since 2.30 only; {@code /proc/thread-self} links to {@code
   * PID/task/TID}.
   */
  static int threadIdByProc() {
    try {
      Path link = Files.readSymbolicLink(Path.of("/proc/thread-self"));
      return Integer.parseInt(link.getFileName().toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
