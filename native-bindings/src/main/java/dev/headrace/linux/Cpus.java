package dev.headrace.linux;

import java.nio.file.Path;
import java.util.Optional;

/** The processors of this host, as far as this process may use them. */
public final class Cpus {
  private Cpus() {}

  /**
   * How many CPUs the calling thread may run on: online, within its affinity and the cgroup's
   * cpuset. A cgroup's quota is not counted in: see {@link Cgroup#cpuLimitCores()}.
   *
   * @return CPUs, 1 at least
   * @throws LinuxException when the kernel refuses
   * @throws UnsupportedOperationException elsewhere than on Linux
   */
  public static int permittedCount() throws LinuxException {
    return CpuAffinity.ofCurrentThread().count();
  }

  /**
   * The first CPU's model, such as {@code AMD EPYC 9R14}.
   *
   * @return its name; empty where the kernel tells none (aarch64, as a rule), and elsewhere than on
   *     Linux
   */
  public static Optional<String> modelName() {
    return Linux.isPresent() ? modelName(Path.of("/proc/cpuinfo")) : Optional.empty();
  }

  static Optional<String> modelName(Path cpuinfo) {
    return ProcFile.lines(cpuinfo).stream()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .filter(name -> !name.isEmpty())
        .findFirst();
  }
}
