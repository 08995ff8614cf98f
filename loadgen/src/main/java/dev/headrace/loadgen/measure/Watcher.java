package dev.headrace.loadgen.measure;

import dev.headrace.Engine;

/**
 * Is told by a run what there is to look at, as it comes. The looking is done by other threads, at
 * any time, also when the run is over.
 */
public interface Watcher {
  /** Looks at nothing. */
  Watcher NONE =
      new Watcher() {
        @Override
        public void begins(Engine engine, boolean open) {}

        @Override
        public void measures(Measurement measurement) {}
      };

  /**
   * The generator's engine has started.
   *
   * @param engine the generator's
   * @param open whether the run is an open loop
   */
  void begins(Engine engine, boolean open);

  /** The measured window has begun. */
  void measures(Measurement measurement);
}
