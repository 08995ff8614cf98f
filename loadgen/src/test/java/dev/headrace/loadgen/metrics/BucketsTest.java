package dev.headrace.loadgen.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.loadgen.measure.LoopRecorder;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import java.util.Random;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class BucketsTest {
  private static Histogram nanos(long... values) {
    Histogram nanos = new Histogram(1, LoopRecorder.MAX_NANOS, LoopRecorder.DIGITS);
    for (long value : values) {
      nanos.recordValue(value);
    }
    return nanos;
  }

  /** By value: the count at or below a bound. */
  private static long upTo(double seconds, Histogram nanos) {
    long count = 0;
    ClassicHistogramBuckets buckets = Buckets.of(nanos).classic();
    for (int i = 0; i < buckets.size(); i++) {
      if (buckets.getUpperBound(i) <= seconds) {
        count += buckets.getCount(i);
      }
    }
    return count;
  }

  @Test
  void a_value_counts_below_the_bounds_that_it_does_not_pass() {
    Histogram nanos = nanos(1, 1_000, 1_001, 490_000, 510_000, 9_900_000_000L, 20_000_000_000L);
    assertEquals(2, upTo(1e-6, nanos));
    assertEquals(3, upTo(2e-6, nanos));
    assertEquals(3, upTo(2e-4, nanos));
    assertEquals(4, upTo(5e-4, nanos));
    assertEquals(5, upTo(1e-3, nanos));
    assertEquals(6, upTo(10, nanos));
    assertEquals(7, upTo(Double.POSITIVE_INFINITY, nanos));
    assertEquals(29.901, Buckets.of(nanos).sumSeconds(), 0.03);
  }

  @Test
  void nothing_recorded_is_nothing_counted() {
    assertEquals(0, upTo(Double.POSITIVE_INFINITY, nanos()));
    assertEquals(0, Buckets.of(nanos()).sumSeconds());
  }

  @Test
  void what_is_added_takes_nothing_away() {
    Random random = new Random(1);
    Histogram nanos = nanos();
    Buckets before = Buckets.of(nanos);
    for (int round = 0; round < 200; round++) {
      nanos.recordValueWithCount((long) Math.exp(random.nextDouble() * 28), 1 + random.nextInt(9));
      Buckets now = Buckets.of(nanos);
      assertTrue(now.sumSeconds() > before.sumSeconds());
      for (int i = 0; i < now.counts().length; i++) {
        assertTrue(now.counts()[i] >= before.counts()[i]);
      }
      before = now;
    }
  }

  /** As a log's reader does it: the buckets of a back-filled run are those of the live one. */
  @Test
  void a_histogram_that_was_added_up_has_the_same_buckets() {
    Histogram whole = nanos(999, 1_999_500, 5_000_001, 123_456_789);
    Histogram sum = nanos();
    sum.add(nanos(999, 5_000_001));
    sum.add(nanos(1_999_500, 123_456_789));
    assertArrayEquals(Buckets.of(whole).counts(), Buckets.of(sum).counts());
  }
}
