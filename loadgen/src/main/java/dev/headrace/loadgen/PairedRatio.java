package dev.headrace.loadgen;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The ratio of two sides that were measured in turn, round by round: machines drift, and the pair
 * of one round drifts together.
 *
 * @param median the median of the rounds' ratios
 * @param low the lower end of the 95 % confidence interval of the median
 * @param high its upper end
 */
public record PairedRatio(
    @JsonProperty("median") double median,
    @JsonProperty("low") double low,
    @JsonProperty("high") double high) {
  private static final int RESAMPLES = 2_000;

  /**
   * Compares two sides.
   *
   * @param side one value a round
   * @param base the other side's value of the same rounds, above zero
   * @return the ratio of side to base; its interval comes from resampling the rounds (bootstrap,
   *     with a fixed seed, so that the same values give the same interval)
   */
  public static PairedRatio of(double[] side, double[] base) {
    if (side.length != base.length || side.length == 0) {
      throw new IllegalArgumentException(
          "a ratio needs pairs: " + side.length + " values against " + base.length);
    }
    double[] ratios = new double[side.length];
    for (int round = 0; round < ratios.length; round++) {
      ratios[round] = side[round] / base[round];
    }
    SplittableRandom random = new SplittableRandom(20_11);
    double[] medians = new double[RESAMPLES];
    double[] resample = new double[ratios.length];
    for (int i = 0; i < RESAMPLES; i++) {
      for (int j = 0; j < resample.length; j++) {
        resample[j] = ratios[random.nextInt(ratios.length)];
      }
      medians[i] = median(resample);
    }
    Arrays.sort(medians);
    return new PairedRatio(
        median(ratios), medians[RESAMPLES / 40], medians[RESAMPLES - 1 - RESAMPLES / 40]);
  }

  /**
   * The median of some values, which are left as they are.
   *
   * @param values at least one
   * @return the middle one, or the mean of the two in the middle
   */
  public static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
