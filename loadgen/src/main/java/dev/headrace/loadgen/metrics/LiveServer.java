package dev.headrace.loadgen.metrics;

import dev.headrace.Engine;

/** A server of ours while it serves. */
public final class LiveServer implements Source {
  private final ProcessSource process;
  private final EngineSource engine;
  private final Source service;

  /**
   * Makes it.
   *
   * @param api in which style it is written: {@code handler} or {@code stream}
   * @param engine under it
   * @param service what the service itself has to tell
   */
  public LiveServer(String api, Engine engine, Source service) {
    this.process = ProcessSource.of(api);
    this.engine = new EngineSource(engine);
    this.service = service;
  }

  @Override
  public void addTo(Families families) {
    process.addTo(families);
    engine.addTo(families);
    service.addTo(families);
  }
}
