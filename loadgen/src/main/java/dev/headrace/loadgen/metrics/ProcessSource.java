package dev.headrace.loadgen.metrics;

import dev.headrace.linux.CpuUsage;
import dev.headrace.linux.Linux;
import dev.headrace.loadgen.report.Host;

/**
 * This process: which program it is, and what it costs.
 *
 * @param info of it
 */
record ProcessSource(RunInfo info) implements Source {
  /** Of a program in this style: {@code handler} or {@code stream}. */
  static ProcessSource of(String api) {
    return new ProcessSource(new RunInfo(api, Host.here()));
  }

  @Override
  public void addTo(Families families) {
    info.addTo(families);
    if (Linux.isPresent()) {
      CpuUsage cpu = CpuUsage.ofThisProcess();
      String help = "CPU time of this process.";
      families.counter("process_cpu_seconds", help, cpu.userNanos() / 1e9, "mode", "user");
      families.counter("process_cpu_seconds", help, cpu.systemNanos() / 1e9, "mode", "system");
    }
  }
}
