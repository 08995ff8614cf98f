package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.linux.KernelSettings.PortRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs(OS.LINUX)
class KernelSettingsTest {
  @TempDir Path root;

  @Test
  void readsEachSettingWhereTheKernelPutsIt() throws Exception {
    write("kernel/io_uring_disabled", "2\n");
    write("kernel/io_uring_group", "-1\n");
    write("net/core/somaxconn", "4096\n");
    write("net/ipv4/ip_local_port_range", "32768\t60999\n");
    write("fs/nr_open", "1048576\n");
    write("fs/file-max", "9223372036854775807\n");
    KernelSettings settings = new KernelSettings(root);
    assertEquals(OptionalInt.of(2), settings.ioUringDisabled());
    assertEquals(OptionalInt.of(-1), settings.ioUringGroup());
    assertEquals(OptionalInt.of(4096), settings.somaxconn());
    assertEquals(Optional.of(new PortRange(32768, 60999)), settings.ipLocalPortRange());
    assertEquals(OptionalLong.of(1048576), settings.nrOpen());
    assertEquals(OptionalLong.of(Long.MAX_VALUE), settings.fileMax());
  }

  @Test
  void isEmptyWhereTheKernelHasNoSuchSetting() {
    KernelSettings settings = new KernelSettings(root);
    assertEquals(OptionalInt.empty(), settings.ioUringDisabled());
    assertEquals(OptionalInt.empty(), settings.ioUringGroup());
    assertEquals(OptionalInt.empty(), settings.somaxconn());
    assertEquals(Optional.empty(), settings.ipLocalPortRange());
    assertEquals(OptionalLong.empty(), settings.nrOpen());
    assertEquals(OptionalLong.empty(), settings.fileMax());
  }

  @Test
  void isReadAnewAtEachCall() throws Exception {
    KernelSettings settings = new KernelSettings(root);
    write("net/core/somaxconn", "128\n");
    assertEquals(OptionalInt.of(128), settings.somaxconn());
    write("net/core/somaxconn", "4096\n");
    assertEquals(OptionalInt.of(4096), settings.somaxconn());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "many", "1 2", "99999999999"})
  void namesTheFileThatHoldsNoNumber(String text) throws Exception {
    write("net/core/somaxconn", text);
    KernelSettings settings = new KernelSettings(root);
    IllegalStateException e = assertThrows(IllegalStateException.class, settings::somaxconn);
    assertTrue(
        e.getMessage().contains("somaxconn holds no such setting: \"" + text), e::getMessage);
  }

  @Test
  void namesTheFileThatHoldsNoRange() throws Exception {
    write("net/ipv4/ip_local_port_range", "32768\n");
    KernelSettings settings = new KernelSettings(root);
    assertThrows(IllegalStateException.class, settings::ipLocalPortRange);
  }

  /**
   * The kernel gives a number under /proc/sys in one read or not at all: a temporary file cannot
   * show that.
   */
  @Test
  void readsWholeNumbersFromThisKernel() {
    KernelSettings settings = KernelSettings.ofHost();
    assertTrue(settings.somaxconn().orElseThrow() >= 128);
    assertTrue(settings.nrOpen().orElseThrow() >= 1024);
    assertTrue(settings.fileMax().orElseThrow() >= 1024);
    PortRange ports = settings.ipLocalPortRange().orElseThrow();
    assertTrue(ports.low() <= ports.high() && ports.high() <= 65535, ports::toString);
    assertEquals(ports.high() - ports.low() + 1, ports.count());
    settings.ioUringDisabled().ifPresent(value -> assertTrue(value >= 0 && value <= 2));
    settings.ioUringGroup().ifPresent(group -> assertTrue(group >= -1));
  }

  private void write(String setting, String text) throws IOException {
    Path file = root.resolve(setting);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
