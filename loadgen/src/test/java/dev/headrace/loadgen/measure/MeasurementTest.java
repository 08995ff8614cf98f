package dev.headrace.loadgen.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MeasurementTest {
  private static final int ANSWERS = 2_000_000;

  private final LoopRecorder recorder = new LoopRecorder(true);
  private final ErrorCounts errors = new ErrorCounts();
  private final List<Long> intervals = new ArrayList<>();

  private Measurement measurement() {
    recorder.window(0, Long.MAX_VALUE);
    return new Measurement(
        List.of(recorder),
        List.of(),
        true,
        errors,
        Optional.empty(),
        (interval, latency, service) -> intervals.add(latency.getTotalCount()));
  }

  /** 1. a loop records, 2. an endpoint is scraped, 3. the reporting thread closes intervals. */
  @Test
  void what_is_asked_for_meanwhile_is_neither_lost_nor_counted_twice() throws Exception {
    try (Measurement measurement = measurement()) {
      AtomicBoolean over = new AtomicBoolean();
      List<String> faults = new ArrayList<>();
      Thread loop =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 1; i <= ANSWERS; i++) {
                      recorder.open(i, i + 1, i + 3, 10);
                    }
                    over.set(true);
                  });
      Thread scraper =
          Thread.ofPlatform()
              .start(
                  () -> {
                    long last = 0;
                    while (!over.get()) {
                      Measurement.Counts counts = measurement.counts();
                      long now = counts.latency().getTotalCount();
                      if (now < last) {
                        faults.add(now + " after " + last);
                      }
                      last = now;
                    }
                  });
      while (!over.get()) {
        measurement.tick();
      }
      loop.join();
      scraper.join();
      measurement.end();
      assertEquals(List.of(), faults);
      assertEquals(ANSWERS, measurement.latency().getTotalCount());
      assertEquals(ANSWERS, measurement.service().getTotalCount());
      assertEquals(ANSWERS, intervals.stream().mapToLong(Long::longValue).sum());
      assertEquals(ANSWERS, measurement.counts().latency().getTotalCount());
      assertEquals(10L * ANSWERS, measurement.counts().bytes());
    }
  }

  @Test
  void what_comes_after_the_end_is_not_the_runs() throws Exception {
    try (Measurement measurement = measurement()) {
      recorder.open(1, 2, 3, 10);
      errors.add("EPIPE", 2);
      assertEquals(Map.of("EPIPE", 2L), measurement.end().errorsByKind());
      recorder.open(4, 5, 6, 10);
      errors.add("EPIPE", 1);
      Measurement.Counts counts = measurement.counts();
      assertEquals(1, counts.latency().getTotalCount());
      assertEquals(1, counts.service().getTotalCount());
      assertEquals(10, counts.bytes());
      assertEquals(Map.of("EPIPE", 2L), counts.errors());
    }
  }

  @Test
  void an_interval_has_only_the_errors_since_the_last_one() throws Exception {
    try (Measurement measurement = measurement()) {
      errors.add("EPIPE", 2);
      assertEquals(Map.of("EPIPE", 2L), measurement.tick().errorsByKind());
      errors.add(ErrorCounts.CLOSED, 1);
      Interval second = measurement.tick();
      assertEquals(Map.of(ErrorCounts.CLOSED, 1L), second.errorsByKind());
      assertEquals(1, second.errors());
      assertTrue(measurement.tick().errorsByKind().isEmpty());
    }
  }
}
