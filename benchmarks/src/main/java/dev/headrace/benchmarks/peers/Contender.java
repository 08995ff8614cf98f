package dev.headrace.benchmarks.peers;

import dev.headrace.loadgen.PairedRatio;
import java.util.ArrayList;
import java.util.List;

/**
 * One side of a comparison, and what it measured round by round.
 *
 * @param name how the table calls it
 * @param cpuMicros CPU per request of the measured process, a value a round
 * @param rates requests per second, a value a round
 */
record Contender(String name, List<Double> cpuMicros, List<Double> rates) {
  Contender(String name) {
    this(name, new ArrayList<>(), new ArrayList<>());
  }

  void add(double cpuMicrosPerRequest, double requestsPerSecond) {
    cpuMicros.add(cpuMicrosPerRequest);
    rates.add(requestsPerSecond);
  }

  static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** This contender's row, with its ratios to a base. */
  String row(Contender base) {
    PairedRatio cpu = PairedRatio.of(array(cpuMicros), array(base.cpuMicros));
    PairedRatio rate = PairedRatio.of(array(rates), array(base.rates));
    return String.format(
        "  %-22s %8.2f %8.2f %10.0f   %5.3f [%.3f, %.3f]   %5.3f [%.3f, %.3f]%n",
        name,
        PairedRatio.median(array(cpuMicros)),
        cpuMicros.stream().mapToDouble(Double::doubleValue).min().orElseThrow(),
        PairedRatio.median(array(rates)),
        cpu.median(),
        cpu.low(),
        cpu.high(),
        rate.median(),
        rate.low(),
        rate.high());
  }

  static String header(String base) {
    return String.format(
        "  %-22s %8s %8s %10s   %-22s   %s%n",
        "", "CPU µs", "least", "req/s", "CPU ratio to " + base, "rate ratio to " + base);
  }
}
