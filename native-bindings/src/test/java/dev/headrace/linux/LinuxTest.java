package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class LinuxTest {
  @Test
  void isPresent() {
    assertTrue(Linux.isPresent());
  }

  @Test
  void tellsTheKernelsRelease() throws Exception {
    String release = ProcFile.read(Path.of("/proc/sys/kernel/osrelease")).strip();
    assertEquals(release, Linux.kernelVersion().release());
    assertTrue(Linux.kernelVersion().isAtLeast(3, 2), release);
  }

  @Test
  void tellsThreadsApart() throws Exception {
    assertNotEquals(Linux.gettid(), OwnThread.run(Linux::gettid));
    assertTrue(Files.exists(Path.of("/proc/self/task/" + Linux.gettid())));
  }

  @Test
  void findsTheSameThreadIdWithoutTheLibrary() throws Exception {
    assertEquals(Linux.gettid(), Linux.threadIdByProc());
    assertTrue(OwnThread.run(() -> Linux.gettid() == Linux.threadIdByProc()));
  }
}
