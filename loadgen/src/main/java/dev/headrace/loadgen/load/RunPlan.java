package dev.headrace.loadgen.load;

import java.time.Duration;
import java.util.Optional;

/**
 * How long a run takes, and at which pace.
 *
 * @param warmup is thrown away; may be zero
 * @param duration of the measured window, after the warm-up
 * @param pace of an open loop; empty for a closed one
 */
public record RunPlan(Duration warmup, Duration duration, Optional<Pace> pace) {
  /**
   * The schedule of an open loop, fixed before the run.
   *
   * @param rate requests a second over all connections, above zero, may be a fraction
   * @param arrivals how they are spread
   * @param seed of random arrivals
   */
  public record Pace(double rate, Arrivals arrivals, long seed) {
    /** With the seed that every run has unless it is told another. */
    public Pace(double rate, Arrivals arrivals) {
      this(rate, arrivals, 1);
    }
  }
}
