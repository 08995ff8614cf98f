package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@EnabledOnOs(OS.LINUX)
class ResourceLimitTest {
  @ParameterizedTest
  @CsvSource({"OPEN_FILES, Max open files", "LOCKED_MEMORY_BYTES, Max locked memory"})
  void saysWhatTheKernelsTableSays(ResourceLimit limit, String row) throws Exception {
    String[] bounds =
        ProcFile.lines(Path.of("/proc/self/limits")).stream()
            .filter(line -> line.startsWith(row))
            .map(line -> line.substring(row.length()).strip().split("\\s+"))
            .findFirst()
            .orElseThrow();
    assertEquals(new ResourceLimit.Bounds(bound(bounds[0]), bound(bounds[1])), limit.get());
  }

  @ParameterizedTest
  @EnumSource
  void changesTheSoftBoundAndLeavesTheHardOne(ResourceLimit limit) throws Exception {
    ResourceLimit.Bounds before = limit.get();
    long lower = Math.min(before.soft(), 1 << 20) - 1;
    limit.setSoft(lower);
    try {
      assertEquals(new ResourceLimit.Bounds(lower, before.hard()), limit.get());
    } finally {
      limit.setSoft(before.soft());
    }
    assertEquals(before, limit.get());
  }

  @Test
  void failsWithBothBoundsInItsMessageBeyondTheHardOne() throws Exception {
    ResourceLimit.Bounds bounds = ResourceLimit.OPEN_FILES.get();
    assumeTrue(bounds.hard() != ResourceLimit.UNLIMITED, "descriptors are not limited here");
    LinuxException finite =
        assertThrows(
            LinuxException.class, () -> ResourceLimit.OPEN_FILES.setSoft(bounds.hard() + 1));
    assertEquals(
        "setrlimit(RLIMIT_NOFILE soft %d, hard %d): EINVAL (Invalid argument)"
            .formatted(bounds.hard() + 1, bounds.hard()),
        finite.getMessage());
    LinuxException unlimited =
        assertThrows(
            LinuxException.class, () -> ResourceLimit.OPEN_FILES.setSoft(ResourceLimit.UNLIMITED));
    assertEquals(
        "setrlimit(RLIMIT_NOFILE soft unlimited, hard %d): EINVAL (Invalid argument)"
            .formatted(bounds.hard()),
        unlimited.getMessage());
    assertEquals(bounds, ResourceLimit.OPEN_FILES.get());
  }

  @Test
  void takesNoNegativeBound() {
    assertThrows(IllegalArgumentException.class, () -> ResourceLimit.OPEN_FILES.setSoft(-1));
  }

  private static long bound(String text) {
    return text.equals("unlimited") ? ResourceLimit.UNLIMITED : Long.parseLong(text);
  }
}
