package dev.headrace.loadgen.metrics;

import dev.headrace.Engine;
import dev.headrace.loadgen.measure.Measurement;
import dev.headrace.loadgen.measure.Watcher;

/** Shows a generator at an endpoint, from when its engine has started. */
public final class LiveRun implements Watcher, Source {
  private final MetricsEndpoint endpoint;
  private final String runId;
  private final String workload;
  private final ProcessSource process = ProcessSource.of("handler");
  private volatile Engine engine;
  private volatile boolean open;
  private volatile Measurement measurement;

  /**
   * Makes it.
   *
   * @param endpoint where it is shown
   * @param runId which run
   * @param workload what it does
   */
  public LiveRun(MetricsEndpoint endpoint, String runId, String workload) {
    this.endpoint = endpoint;
    this.runId = runId;
    this.workload = workload;
  }

  @Override
  public void begins(Engine engine, boolean open) {
    this.engine = engine;
    this.open = open;
    endpoint.show(new RunLabels(runId, workload, engine.transport().toString()), this);
  }

  @Override
  public void measures(Measurement measurement) {
    this.measurement = measurement;
  }

  @Override
  public void addTo(Families families) {
    process.addTo(families);
    Measurement measured = measurement;
    Measurement.Counts counts = measured == null ? Measurement.Counts.none() : measured.counts();
    new RunCounts(counts, open).addTo(families);
    families.gauge("connections", "Connections that are open.", engine.stats().open());
    if (measured != null) {
      families.gauge(
          "loop_lag_seconds",
          "How late the generator's own loops were so far, the 99th percentile.",
          measured.lagP99Nanos() / 1e9);
    }
    new EngineSource(engine).addTo(families);
  }
}
