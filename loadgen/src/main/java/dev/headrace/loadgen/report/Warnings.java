package dev.headrace.loadgen.report;

import dev.headrace.loadgen.measure.Measurement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What spoils a number, said beside it. */
public final class Warnings {
  private static final double MOST_LAG_SECONDS = 0.005;
  private static final double MOST_CPU_SHARE = 0.95;
  private static final double MOST_LATE_SHARE = 0.01;
  private static final double LEAST_OF_RATE = 0.99;

  private final List<String> warnings = new ArrayList<>();

  /** Anything else. */
  public void add(String warning) {
    warnings.add(warning);
  }

  /** About the generator's loops. */
  public void ofLag(Measurement.Cost cost, boolean open) {
    double lagSeconds = cost.lagP99Nanos() / 1e9;
    // A closed loop keeps its loops busy by design: tasks wait behind completions, answers do not.
    if (open && lagSeconds > MOST_LAG_SECONDS) {
      add(
          "the generator's own loops were late: p99 "
              + Figures.time(lagSeconds)
              + "; latencies are worse than the target's: use fewer connections, or more cores");
    }
  }

  /** About the generator's CPU. */
  public void ofCpuShare(Measurement.Cost cost) {
    if (cost.cpuShare() > MOST_CPU_SHARE) {
      add(
          "the generator used %.0f %% of its loops' CPU: it may be the limit, not the target; use more loops"
              .formatted(100 * cost.cpuShare()));
    }
  }

  /** About the schedule of an open loop. */
  public void ofTicks(long ticks, long lateTicks) {
    if (lateTicks > MOST_LATE_SHARE * ticks) {
      add(
          Figures.count(lateTicks)
              + " of "
              + Figures.count(ticks)
              + " ticks of the schedule were more than 1 ms late: the generator is short of CPU");
    }
  }

  /** About an open loop's rate: random arrivals may be three deviations fewer than asked for. */
  public void ofRate(double asked, boolean random, double achieved, double seconds) {
    double chance = random ? 3 * Math.sqrt(asked * seconds) / seconds : 0;
    if (achieved < LEAST_OF_RATE * asked - chance) {
      add(
          Figures.rate(achieved)
              + " requests/s were answered, "
              + Figures.rate(asked)
              + " were asked for: the target did not keep up");
    }
  }

  /** About errors, by kind. */
  public void ofErrors(Map<String, Long> byKind) {
    long errors = byKind.values().stream().mapToLong(Long::longValue).sum();
    if (errors > 0) {
      add(Figures.count(errors) + " errors: they are in no latency");
    }
  }

  /** About answers that were given up before they came. */
  public void ofIgnored(long answers) {
    if (answers > 0) {
      add(Figures.count(answers) + " answers came late or twice, and were ignored");
    }
  }

  /** All of them. */
  public List<String> list() {
    return List.copyOf(warnings);
  }
}
