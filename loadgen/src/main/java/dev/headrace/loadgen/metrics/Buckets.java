package dev.headrace.loadgen.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/**
 * The counts of an HdrHistogram in the buckets of a classic histogram. A value stands in its
 * histogram with three digits, so one within a thousandth of a bound may be counted above it.
 *
 * @param counts of each bucket by itself, the last one without a bound
 * @param sumSeconds of all values
 */
record Buckets(long[] counts, double sumSeconds) {
  /** 1-2-5 from 1 µs to 10 s. */
  private static final double[] BOUNDS_SECONDS = {
    1e-6,
    2e-6,
    5e-6,
    1e-5,
    2e-5,
    5e-5,
    1e-4,
    2e-4,
    5e-4,
    0.001,
    0.002,
    0.005,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    Double.POSITIVE_INFINITY
  };

  static Buckets of(Histogram nanos) {
    long[] counts = new long[BOUNDS_SECONDS.length];
    double sumNanos = 0;
    int bucket = 0;
    for (HistogramIterationValue value : nanos.recordedValues()) {
      while (value.getValueIteratedTo() > Math.round(BOUNDS_SECONDS[bucket] * 1e9)) {
        bucket++;
      }
      counts[bucket] += value.getCountAtValueIteratedTo();
      sumNanos +=
          (double) value.getCountAtValueIteratedTo()
              * nanos.medianEquivalentValue(value.getValueIteratedTo());
    }
    return new Buckets(counts, sumNanos / 1e9);
  }

  ClassicHistogramBuckets classic() {
    return ClassicHistogramBuckets.of(BOUNDS_SECONDS, counts);
  }
}
