package dev.headrace.loadgen.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/**
 * The families of one run at one moment. Names are without the {@code headrace_} before them and,
 * of a counter, without the {@code _total} after them. Labels are name, value, name, value, beside
 * those of the run.
 */
public final class Families {
  private static final String PREFIX = "headrace_";
  private static final List<Unit> UNITS = List.of(Unit.SECONDS, Unit.BYTES);

  private final Labels run;
  private final long atMillis;
  private final Map<String, MetricSnapshot.Builder<?>> families = new LinkedHashMap<>();

  private Families(RunLabels run, long atMillis) {
    this.run =
        Labels.of("run", run.run(), "workload", run.workload(), "transport", run.transport());
    this.atMillis = atMillis;
  }

  /** Of a scrape: the scraper knows the time. */
  static Families now(RunLabels run) {
    return new Families(run, 0);
  }

  /** Of a moment in the past, in milliseconds since 1970. */
  static Families at(long atMillis, RunLabels run) {
    return new Families(run, atMillis);
  }

  private Labels labels(String... more) {
    return run.merge(Labels.of(more));
  }

  private <B extends MetricSnapshot.Builder<B>> B family(
      String name, String help, Class<B> kind, Supplier<B> builder) {
    return kind.cast(
        families.computeIfAbsent(
            name,
            unused -> {
              B family = builder.get().name(PREFIX + name).help(help);
              UNITS.stream().filter(unit -> name.endsWith("_" + unit)).forEach(family::unit);
              return family;
            }));
  }

  /** A count that only grows. */
  public void counter(String name, String help, double value, String... labels) {
    family(name, help, CounterSnapshot.Builder.class, CounterSnapshot::builder)
        .dataPoint(
            CounterDataPointSnapshot.builder()
                .value(value)
                .labels(labels(labels))
                .scrapeTimestampMillis(atMillis)
                .build());
  }

  /** A value that rises and falls. */
  public void gauge(String name, String help, double value, String... labels) {
    family(name, help, GaugeSnapshot.Builder.class, GaugeSnapshot::builder)
        .dataPoint(
            GaugeDataPointSnapshot.builder()
                .value(value)
                .labels(labels(labels))
                .scrapeTimestampMillis(atMillis)
                .build());
  }

  /** A classic histogram of seconds, from nanoseconds. */
  public void histogram(String name, String help, Histogram nanos) {
    Buckets buckets = Buckets.of(nanos);
    family(name, help, HistogramSnapshot.Builder.class, HistogramSnapshot::builder)
        .dataPoint(
            HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(buckets.classic())
                .sum(buckets.sumSeconds())
                .labels(labels())
                .scrapeTimestampMillis(atMillis)
                .build());
  }

  /** A gauge of 1 whose labels tell something; its name ends with {@code _info}. */
  public void info(String name, String help, String... labels) {
    family(name, help, InfoSnapshot.Builder.class, InfoSnapshot::builder)
        .dataPoint(
            InfoDataPointSnapshot.builder()
                .labels(labels(labels))
                .scrapeTimestampMillis(atMillis)
                .build());
  }

  MetricSnapshots snapshots() {
    return new MetricSnapshots(
        families.values().stream()
            .<MetricSnapshot>map(MetricSnapshot.Builder::build)
            .toArray(MetricSnapshot[]::new));
  }
}
