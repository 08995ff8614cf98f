package dev.headrace.linux;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * What the control groups of this process allow it, read anew at each call. Limits of the ancestors
 * hold too: the tightest wins. Understands version 2, version 1, and both at once.
 *
 * <p>Ancestors outside a container cannot be seen from within, so a limit may be tighter than what
 * is found. A limit that nobody set is empty, and so is every limit elsewhere than on Linux.
 */
public final class Cgroup {
  /**
   * Version 1 calls its absence of a limit the largest multiple of a page: nobody has an exbibyte.
   */
  private static final long ABSURD_BYTES = 1L << 60;

  private final Path procSelf;

  /** Groups of a process by another directory than {@code /proc/self}: its cgroup and mountinfo. */
  Cgroup(Path procSelf) {
    this.procSelf = procSelf;
  }

  /**
   * The groups of this process.
   *
   * @return the groups
   */
  public static Cgroup ofThisProcess() {
    return new Cgroup(Path.of("/proc/self"));
  }

  /**
   * How much CPU time this process may use: its quota over the period.
   *
   * @return in cores, such as 1.5; above zero
   */
  public OptionalDouble cpuLimitCores() {
    return limits("cpu", Cgroup::cpuLimitV2, Cgroup::cpuLimitV1).stream()
        .mapToDouble(Double::doubleValue)
        .min();
  }

  /**
   * How much memory this process may use, together with the others of its group, page cache
   * included. Beyond it the kernel kills.
   *
   * @return bytes
   */
  public OptionalLong memoryLimitBytes() {
    return limits("memory", Cgroup::memoryLimitV2, Cgroup::memoryLimitV1).stream()
        .mapToLong(Long::longValue)
        .min();
  }

  /** The limits of all groups of a controller, each directory read by what its version asks for. */
  private <T> List<T> limits(
      String controller, Function<Path, Optional<T>> v2, Function<Path, Optional<T>> v1) {
    List<T> limits = new ArrayList<>();
    if (Linux.isPresent()) {
      for (CgroupMount mount : CgroupMount.all(procSelf, controller)) {
        for (Path directory : mount.fromGroupToTop()) {
          (mount.isV2() ? v2 : v1).apply(directory).ifPresent(limits::add);
        }
      }
    }
    return limits;
  }

  /** {@code cpu.max} holds {@code QUOTA PERIOD} in microseconds, the quota may be {@code max}. */
  private static Optional<Double> cpuLimitV2(Path group) {
    Optional<String[]> fields = text(group, "cpu.max").map(text -> text.split(" "));
    return fields
        .filter(pair -> pair.length == 2 && !pair[0].equals("max"))
        .map(pair -> Double.parseDouble(pair[0]) / Double.parseDouble(pair[1]));
  }

  /** A quota of -1 microseconds is none. */
  private static Optional<Double> cpuLimitV1(Path group) {
    Optional<Double> quota =
        text(group, "cpu.cfs_quota_us").map(Double::valueOf).filter(micros -> micros > 0);
    Optional<Double> period = text(group, "cpu.cfs_period_us").map(Double::valueOf);
    return quota.flatMap(micros -> period.map(each -> micros / each));
  }

  private static Optional<Long> memoryLimitV2(Path group) {
    return text(group, "memory.max").filter(text -> !text.equals("max")).map(Long::valueOf);
  }

  private static Optional<Long> memoryLimitV1(Path group) {
    return text(group, "memory.limit_in_bytes")
        .map(Long::valueOf)
        .filter(bytes -> bytes >= 0 && bytes < ABSURD_BYTES);
  }

  private static Optional<String> text(Path group, String file) {
    return ProcFile.readIfPossible(group.resolve(file)).map(String::strip);
  }
}
