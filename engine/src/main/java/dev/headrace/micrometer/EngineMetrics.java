package dev.headrace.micrometer;

import dev.headrace.Engine;
import dev.headrace.EngineStats;
import dev.headrace.Transport;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * What an engine says of itself, as Micrometer's meters: {@link EngineStats}, loop by loop, with
 * the tags {@code loop} and {@code transport}. Prometheus sees them as {@code headrace_…}. Nothing
 * is counted beside what the engine counts anyway.
 *
 * <p>Several engines in one registry need tags of their own, or names of their own for their loops.
 * The registry keeps the engine from being collected; the meters of one that is closed stand still.
 * Any thread may bind.
 */
public final class EngineMetrics implements MeterBinder {
  /** For so long one snapshot serves all meters, so that publishing takes few. */
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Engine engine;
  private final Tags tags;

  /**
   * For an engine that is the only one in its registry.
   *
   * @param engine which runs
   */
  public EngineMetrics(Engine engine) {
    this(engine, List.of());
  }

  /**
   * With tags that tell the engine from others.
   *
   * @param engine which runs
   * @param tags of each meter, beside its own
   */
  public EngineMetrics(Engine engine, Iterable<Tag> tags) {
    this.engine = Objects.requireNonNull(engine, "engine");
    this.tags = Tags.of(tags);
  }

  /**
   * Adds the engine's meters; those of a loop that is started later come with the first publishing
   * after it.
   *
   * @param registry which publishes
   */
  @Override
  public void bindTo(MeterRegistry registry) {
    Bound bound = new Bound(registry);
    new Meters(registry, tags.and("transport", engine.transport().toString()))
        .count(
            "headrace.accept.failures",
            "How often accepting failed, for want of descriptors most of all.",
            () -> bound.stats().acceptFailures())
        .count(
            "headrace.datagram.failures",
            "How often a service of datagrams could not receive or answer one.",
            () -> bound.stats().datagramFailures())
        .count(
            "headrace.hogs",
            "Tasks that kept their loop to themselves.",
            () -> bound.stats().hogs());
    bound.stats();
  }

  /** The meters of one registry. */
  private final class Bound {
    private final MeterRegistry registry;
    private EngineStats stats;
    private long takenNanos;
    private int loops;

    Bound(MeterRegistry registry) {
      this.registry = registry;
    }

    synchronized EngineStats stats() {
      long now = System.nanoTime();
      if (stats == null || now - takenNanos > FRESH_NANOS) {
        stats = engine.stats();
        takenNanos = now;
        while (loops < stats.loops().size()) {
          bindLoop(loops++);
        }
      }
      return stats;
    }

    private void bindLoop(int index) {
      EngineStats.Loop loop = stats.loops().get(index);
      // Those that an engine starts beside its own are on epoll.
      Transport transport = index < engine.options().loops() ? engine.transport() : Transport.EPOLL;
      Tags own = tags.and("loop", loop.name(), "transport", transport.toString());
      LoopMeters.add(new Meters(registry, own), () -> stats().loops().get(index));
    }
  }
}
