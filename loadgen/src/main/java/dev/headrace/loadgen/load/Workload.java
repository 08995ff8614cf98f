package dev.headrace.loadgen.load;

import dev.headrace.Engine;
import dev.headrace.loadgen.Interruption;
import dev.headrace.loadgen.measure.LocalServer;
import dev.headrace.loadgen.report.Progress;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;

/** What is asked, over how many lanes. */
public sealed interface Workload permits SocketWorkload, FileWorkload {
  /** Its name in the result. */
  String name();

  /** How many lanes, at least 1. */
  int lanes();

  /** The server that it drives, where it is ours and local. */
  default Optional<LocalServer> server() {
    return Optional.empty();
  }

  /** Whether the loops do the work themselves, so that it is no fault if they are busy with it. */
  default boolean isOwnWork() {
    return false;
  }

  /** How long a request waits for its answer; empty where its lane knows when it is lost. */
  default Optional<Duration> timeout() {
    return Optional.empty();
  }

  /** Its options, as they stand in the result's {@code config}. */
  Map<String, Object> config();

  /**
   * Makes ready what the lanes share; blocks.
   *
   * @param engine the generator's
   * @return the run's, to be closed once its lanes are
   * @throws IOException when that cannot be had
   */
  Lanes prepare(Engine engine) throws IOException;

  /**
   * Opens the lanes before the run begins; blocks.
   *
   * @param lane opens the one with that number
   * @param progress who watches
   * @param stop ends it early
   * @return how many could not be opened, by the kind of error
   * @throws IOException when not a single one could
   */
  Map<String, Integer> open(IntFunction<Future<?>> lane, Progress progress, Interruption stop)
      throws IOException;
}
