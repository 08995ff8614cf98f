package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpusTest {
  @TempDir Path directory;

  @Test
  void takesTheFirstCpusModel() throws Exception {
    assertEquals(
        Optional.of("AMD EPYC 9R14"),
        modelName(
            "processor\t: 0\nmodel\t\t: 17\nmodel name\t: AMD EPYC 9R14\n\nmodel name\t: X\n"));
  }

  @Test
  void isEmptyWhereTheKernelTellsNoModel() throws Exception {
    assertEquals(Optional.empty(), modelName("processor\t: 0\nCPU implementer\t: 0x41\n"));
    assertEquals(Optional.empty(), modelName("model name\t: \n"));
    assertEquals(Optional.empty(), Cpus.modelName(directory.resolve("absent")));
  }

  @Test
  void isNeverBlankOnThisHost() {
    Cpus.modelName().ifPresent(name -> assertFalse(name.isBlank()));
  }

  private Optional<String> modelName(String cpuinfo) throws Exception {
    return Cpus.modelName(Files.writeString(directory.resolve("cpuinfo"), cpuinfo));
  }
}
