package dev.headrace.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;

/**
 * Adds meters to a registry, with the same tags. Micrometer holds what a counter counts by a weak
 * reference only, but its function by a strong one: so each function holds on to its value.
 *
 * @param registry which publishes
 * @param tags of all of them
 */
record Meters(MeterRegistry registry, Tags tags) {
  private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

  /** These with one tag more. */
  Meters with(String tag, String value) {
    return new Meters(registry, tags.and(tag, value));
  }

  /** Something that only grows. */
  Meters count(String name, String what, DoubleSupplier value) {
    counter(name, what, value).register(registry);
    return this;
  }

  /** A time that only grows. */
  Meters countNanos(String name, String what, DoubleSupplier nanos) {
    counter(name, what, () -> nanos.getAsDouble() / NANOS_PER_SECOND)
        .baseUnit("seconds")
        .register(registry);
    return this;
  }

  private FunctionCounter.Builder<DoubleSupplier> counter(
      String name, String what, DoubleSupplier value) {
    return FunctionCounter.builder(name, value, weak -> value.getAsDouble())
        .description(what)
        .tags(tags);
  }

  /** Something that rises and falls. */
  Meters gauge(String name, String what, DoubleSupplier value) {
    return gauge(name, what, null, value);
  }

  /** The same, in a unit. */
  Meters gauge(String name, String what, String unit, DoubleSupplier value) {
    Gauge.builder(name, value::getAsDouble)
        .description(what)
        .baseUnit(unit)
        .tags(tags)
        .register(registry);
    return this;
  }

  /** A time that rises and falls. */
  Meters gaugeNanos(String name, String what, DoubleSupplier nanos) {
    TimeGauge.builder(name, nanos::getAsDouble, TimeUnit.NANOSECONDS)
        .description(what)
        .tags(tags)
        .register(registry);
    return this;
  }
}
