package dev.headrace.loadgen.load;

import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/** When the requests of an open loop are due. */
public enum Arrivals {
  /** One every {@code 1 / rate}. */
  UNIFORM,
  /** Independent of each other, as callers are: exponential gaps, from a fixed seed. */
  POISSON;

  /**
   * The share of one loop, which owns some of the lanes: arrival {@code k} of the whole run belongs
   * to lane {@code k mod lanes}, so that the lanes' shares are equal and the whole is the schedule.
   *
   * @param rate requests a second of the whole run
   * @param lanes the numbers of the loop's lanes among all
   * @param allLanes how many lanes there are
   * @param seed of the random gaps
   * @return the next due time at each call, in nanoseconds since the run's start
   */
  LongSupplier schedule(double rate, int[] lanes, int allLanes, long seed) {
    return switch (this) {
      case UNIFORM -> uniform(rate, lanes, allLanes);
      case POISSON -> poisson(rate * lanes.length / allLanes, seed + lanes[0]);
    };
  }

  private static LongSupplier uniform(double rate, int[] lanes, int allLanes) {
    return new LongSupplier() {
      private long round;
      private int lane;

      @Override
      public long getAsLong() {
        long arrival = round * allLanes + lanes[lane];
        if (++lane == lanes.length) {
          lane = 0;
          round++;
        }
        return Math.round(arrival * 1e9 / rate); // not summed up: no error grows with the run
      }
    };
  }

  private static LongSupplier poisson(double rate, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return new LongSupplier() {
      private double dueNanos;

      @Override
      public long getAsLong() {
        dueNanos += -Math.log(1 - random.nextDouble()) * 1e9 / rate;
        return Math.round(dueNanos);
      }
    };
  }

  /** The name on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
