package dev.headrace.loadgen.metrics;

import dev.headrace.loadgen.report.Host;

/**
 * Which program ran where.
 *
 * @param api in which style: {@code handler} or {@code stream}
 * @param host where and with what
 */
record RunInfo(String api, Host host) implements Source {
  @Override
  public void addTo(Families families) {
    families.info(
        "run",
        "Which program runs, and where.",
        "revision",
        known(host.revision()),
        "version",
        known(host.headrace()),
        "api",
        api,
        "kernel",
        known(host.kernel()),
        "cpu_model",
        known(host.cpuModel()),
        "jdk",
        known(host.jdk()));
  }

  /** Runs that were kept by an older program lack some. */
  private static String known(String value) {
    return value == null ? Host.UNKNOWN : value;
  }
}
