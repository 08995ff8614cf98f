package dev.headrace.loadgen.load;

import java.io.IOException;
import java.util.Map;

/** Makes the lanes of one run, and holds what they share. */
interface Lanes extends AutoCloseable {
  /**
   * Makes a lane.
   *
   * @param site where it lives
   * @param index which one, from 0
   */
  Lane lane(Site site, int index);

  /** What of the result's {@code config} is known only now. */
  default Map<String, Object> config() {
    return Map.of();
  }

  /** Gives back what the lanes shared; they are closed by then. */
  @Override
  default void close() throws IOException {}
}
