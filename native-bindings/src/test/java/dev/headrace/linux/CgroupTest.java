package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class CgroupTest {
  private static final long MIB = 1024 * 1024;

  @TempDir Path root;

  @Test
  void readsVersionTwo() throws Exception {
    memberships("0::/app");
    mount("/", "unified", "cgroup2 rw");
    write("unified/app/cpu.max", "150000 100000");
    write("unified/app/memory.max", "" + 512 * MIB);
    assertLimits(1.5, 512 * MIB);
  }

  @Test
  void readsVersionOne() throws Exception {
    memberships("4:memory:/app", "1:cpu,cpuacct:/app");
    mount("/", "cpu,cpuacct", "cgroup rw,cpu,cpuacct");
    mount("/", "memory", "cgroup rw,memory");
    write("cpu,cpuacct/app/cpu.cfs_quota_us", "50000");
    write("cpu,cpuacct/app/cpu.cfs_period_us", "200000");
    write("memory/app/memory.limit_in_bytes", "" + 64 * MIB);
    assertLimits(0.25, 64 * MIB);
  }

  @Test
  void readsBothVersionsAtOnceAndTakesTheTighter() throws Exception {
    memberships("4:memory:/app", "1:cpu:/app", "0::/app");
    mount("/", "cpu", "cgroup rw,cpu");
    mount("/", "memory", "cgroup rw,memory");
    mount("/", "unified", "cgroup2 rw");
    write("cpu/app/cpu.cfs_quota_us", "300000");
    write("cpu/app/cpu.cfs_period_us", "100000");
    write("memory/app/memory.limit_in_bytes", "" + 64 * MIB);
    write("unified/app/cpu.max", "200000 100000");
    write("unified/app/memory.max", "" + 128 * MIB);
    assertLimits(2.0, 64 * MIB);
  }

  @Test
  void takesTheTightestOfTheAncestors() throws Exception {
    memberships("0::/slice/service/worker");
    mount("/", "unified", "cgroup2 rw");
    write("unified/slice/cpu.max", "100000 100000");
    write("unified/slice/service/cpu.max", "max 100000");
    write("unified/slice/service/worker/cpu.max", "400000 100000");
    write("unified/slice/memory.max", "" + 256 * MIB);
    write("unified/slice/service/memory.max", "" + 128 * MIB);
    write("unified/slice/service/worker/memory.max", "max");
    assertLimits(1.0, 128 * MIB);
  }

  @Test
  void doesNotLookAboveTheMount() throws Exception {
    memberships("0::/app");
    mount("/", "unified", "cgroup2 rw");
    write("cpu.max", "10000 100000");
    write("memory.max", "" + MIB);
    Files.createDirectories(root.resolve("unified/app"));
    assertUnlimited();
  }

  @Test
  void isEmptyWhenNobodySetALimit() throws Exception {
    memberships("4:memory:/app", "1:cpu:/app", "0::/app");
    mount("/", "cpu", "cgroup rw,cpu");
    mount("/", "memory", "cgroup rw,memory");
    mount("/", "unified", "cgroup2 rw");
    write("cpu/app/cpu.cfs_quota_us", "-1");
    write("cpu/app/cpu.cfs_period_us", "100000");
    write("memory/app/memory.limit_in_bytes", "9223372036854771712");
    write("unified/app/cpu.max", "max 100000");
    write("unified/app/memory.max", "max");
    assertUnlimited();
  }

  @Test
  void isEmptyWhereNoGroupIsMounted() throws Exception {
    assertUnlimited();
    memberships("0::/app");
    assertUnlimited();
    mount("/", "elsewhere", "tmpfs tmpfs rw");
    assertUnlimited();
  }

  @Test
  void doesNotTakeAnotherControllersMount() throws Exception {
    memberships("3:cpuset:/app");
    mount("/", "cpuset", "cgroup rw,cpuset");
    write("cpuset/app/cpu.cfs_quota_us", "50000");
    write("cpuset/app/cpu.cfs_period_us", "100000");
    assertUnlimited();
  }

  @Test
  void followsAContainerThatIsToldTheHostsPaths() throws Exception {
    memberships("4:memory:/docker/abc/inner");
    mount("/docker/abc", "memory", "cgroup rw,memory");
    write("memory/memory.limit_in_bytes", "" + 256 * MIB);
    write("memory/inner/memory.limit_in_bytes", "" + 512 * MIB);
    assertEquals(OptionalLong.of(256 * MIB), cgroup().memoryLimitBytes());
  }

  @Test
  void takesTheMountsTopWhenTheGroupIsOutsideOfIt() throws Exception {
    memberships("0::/../other");
    mount("/", "unified", "cgroup2 rw");
    write("unified/memory.max", "" + 32 * MIB);
    assertEquals(OptionalLong.of(32 * MIB), cgroup().memoryLimitBytes());
  }

  @Test
  void ignoresAnotherContainersMountWhenItsOwnIsThere() throws Exception {
    memberships("0::/app");
    mount("/", "unified", "cgroup2 rw");
    mount("/docker/abc", "stray", "cgroup2 rw");
    write("unified/app/memory.max", "" + 512 * MIB);
    write("stray/memory.max", "" + MIB);
    assertEquals(OptionalLong.of(512 * MIB), cgroup().memoryLimitBytes());
  }

  @Test
  void findsAMountWhosePathHasASpace() throws Exception {
    memberships("0::/app");
    mount("/", "my groups", "cgroup2 rw");
    write("my groups/app/cpu.max", "100000 50000");
    assertEquals(OptionalDouble.of(2.0), cgroup().cpuLimitCores());
  }

  @Test
  void answersForThisProcess() {
    Cgroup.ofThisProcess().cpuLimitCores().ifPresent(cores -> assertTrue(cores > 0));
    Cgroup.ofThisProcess().memoryLimitBytes().ifPresent(bytes -> assertTrue(bytes > MIB));
  }

  private Cgroup cgroup() {
    return new Cgroup(root);
  }

  private void assertLimits(double cores, long bytes) {
    assertEquals(OptionalDouble.of(cores), cgroup().cpuLimitCores());
    assertEquals(OptionalLong.of(bytes), cgroup().memoryLimitBytes());
  }

  private void assertUnlimited() {
    assertEquals(OptionalDouble.empty(), cgroup().cpuLimitCores());
    assertEquals(OptionalLong.empty(), cgroup().memoryLimitBytes());
  }

  private void memberships(String... lines) throws IOException {
    write("cgroup", String.join("\n", lines));
  }

  /** Adds a mount; its type comes with its super options: the source is in between. */
  private void mount(String shownRoot, String directory, String typeAndOptions) throws IOException {
    String point = root.resolve(directory).toString().replace(" ", "\\040");
    String[] what = typeAndOptions.split(" ");
    String line =
        "31 23 0:28 %s %s rw,relatime shared:9 - %s none %s\n"
            .formatted(shownRoot, point, what[0], what[what.length - 1]);
    Path file = root.resolve("mountinfo");
    String before = Files.exists(file) ? Files.readString(file) : "";
    Files.writeString(file, before + line);
  }

  private void write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text + "\n");
  }
}
