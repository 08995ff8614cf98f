package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelVersionTest {
  @ParameterizedTest
  @CsvSource({
    "6.18.44-fc-v669, 6, 18, 44",
    "5.15.0-105-generic, 5, 15, 0",
    "4.18.0-553.el8_10.x86_64, 4, 18, 0",
    "5.15.167.4-microsoft-standard-WSL2, 5, 15, 167",
    "6.19-rc1, 6, 19, 0",
    "7.0, 7, 0, 0",
  })
  void parsesWhatVendorsCallTheirKernels(String release, int major, int minor, int patch) {
    KernelVersion version = KernelVersion.parse(release);
    assertEquals(new KernelVersion(major, minor, patch, release), version);
    assertEquals(release, version.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "6", "six.one", "v6.1", "-6.1", "99999999999.1"})
  void refusesWhatIsNoRelease(String release) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> KernelVersion.parse(release));
    assertTrue(e.getMessage().contains('"' + release + '"'), e.getMessage());
  }

  @Test
  void comparesMajorBeforeMinor() {
    KernelVersion version = KernelVersion.parse("6.1.0");
    assertTrue(version.isAtLeast(6, 1));
    assertTrue(version.isAtLeast(6, 0));
    assertTrue(version.isAtLeast(5, 19));
    assertFalse(version.isAtLeast(6, 2));
    assertFalse(version.isAtLeast(7, 0));
  }
}
