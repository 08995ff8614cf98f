package dev.headrace.benchmarks.peers;

import dev.headrace.loadgen.PairedRatio;
import java.util.ArrayList;
import java.util.List;

/**
 * One side of a comparison, and what it measured round by round.
 *
 * @param name how the table calls it
 * @param cpuMicros CPU per request, or per MiB, of the measured process, a value a round
 * @param rates requests, or MiB, per second, a value a round
 */
record Contender(String name, List<Double> cpuMicros, List<Double> rates) {
  Contender(String name) {
    this(name, new ArrayList<>(), new ArrayList<>());
  }

  void add(double cpu, double rate) {
    cpuMicros.add(cpu);
    rates.add(rate);
  }

  static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** This contender's row, with its ratios to a base. */
  String row(Contender base) {
    PairedRatio cpu = PairedRatio.of(array(cpuMicros), array(base.cpuMicros));
    PairedRatio rate = PairedRatio.of(array(rates), array(base.rates));
    return String.format(
        "  %-26s %8.2f %8.2f %10.0f   %5.3f [%.3f, %.3f]   %5.3f [%.3f, %.3f]%n",
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

  static String header(String base, String rateUnit) {
    return String.format(
        "  %-26s %8s %8s %10s   %-22s   %s%n",
        "ratios to " + base, "CPU µs", "least", rateUnit, "CPU ratio", "rate ratio");
  }
}
