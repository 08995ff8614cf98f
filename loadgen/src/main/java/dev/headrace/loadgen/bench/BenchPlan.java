package dev.headrace.loadgen.bench;

import dev.headrace.Transport;
import dev.headrace.linux.CpuAffinity;
import dev.headrace.linux.CpuSet;
import dev.headrace.linux.Linux;
import dev.headrace.linux.LinuxException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a bench compares.
 *
 * @param workloads in the order of the table
 * @param transports of the servers, in the order of the table
 * @param duration of one round of one cell
 * @param rounds how many
 */
public record BenchPlan(
    List<BenchWorkload> workloads, List<Transport> transports, Duration duration, int rounds) {
  static final int CONNECTIONS = 64;
  static final int SIZE_BYTES = 64;
  static final int BLOCK_BYTES = 4096;
  static final int FILE_DEPTH = 64;
  static final long FILE_BYTES = 256L << 20;

  /**
   * Requests a second over all connections where a proxy's latency is compared with its backend's:
   * a tenth of what the slowest path of a small host carries, so that nothing waits in a queue.
   */
  static final double DETOUR_RATE = 5_000;

  /** Before the rounds, so that both sides' code is compiled. */
  static final Duration WARMUP = Duration.ofSeconds(2);

  /** Before each turn, so that the connections are past their slow start. */
  static final Duration TURN_WARMUP = Duration.ofMillis(200);

  /**
   * Which CPUs the sides get: one each where there are enough. On two, the proxy's backend shares
   * the proxy's.
   *
   * @param client the generator's
   * @param server the measured server's
   * @param backend that of the echo server behind the proxies
   */
  record Placement(Optional<CpuSet> client, Optional<CpuSet> server, Optional<CpuSet> backend) {
    private static final Placement ANYWHERE =
        new Placement(Optional.empty(), Optional.empty(), Optional.empty());

    static Placement here() {
      try {
        int[] cpus = Linux.isPresent() ? CpuAffinity.ofCurrentThread().toArray() : new int[0];
        return cpus.length < 2
            ? ANYWHERE
            : new Placement(
                Optional.of(CpuSet.of(cpus[1])),
                Optional.of(CpuSet.of(cpus[0])),
                Optional.of(CpuSet.of(cpus.length > 2 ? cpus[2] : cpus[0])));
      } catch (LinuxException e) {
        return ANYWHERE;
      }
    }
  }
}
