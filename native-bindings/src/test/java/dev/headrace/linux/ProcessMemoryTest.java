package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class ProcessMemoryTest {
  @Test
  void multipliesTheResidentPagesByTheSizeOfAPage(@TempDir Path proc) throws Exception {
    Files.createDirectories(proc.resolve("42"));
    Files.writeString(proc.resolve("42/statm"), "9000 700 60 5 0 400 0\n");
    assertEquals(700L * 65536, ProcessMemory.residentBytes(proc, 42, 65536));
  }

  @Test
  void isTheMegabytesOfAJvmForThisProcess() throws Exception {
    long resident = ProcessMemory.residentBytes(ProcessHandle.current().pid());
    assertTrue(resident > 10_000_000, resident + " bytes");
    assertEquals(0, resident % Linux.pageSizeBytes());
  }

  @Test
  void seesAnotherProcess() throws Exception {
    Process other = new ProcessBuilder("cat").start();
    try {
      assertTrue(ProcessMemory.residentBytes(other.pid()) > 0);
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  @Test
  void failsWithTheFileInItsMessageWhenThereIsNoSuchProcess() throws Exception {
    int gone = DeadProcess.pid();
    LinuxException e = assertThrows(LinuxException.class, () -> ProcessMemory.residentBytes(gone));
    assertEquals("read(/proc/" + gone + "/statm): ESRCH (No such process)", e.getMessage());
  }

  @Test
  void takesNoIdBelowOne() {
    assertThrows(IllegalArgumentException.class, () -> ProcessMemory.residentBytes(0));
  }
}
