package dev.headrace.loadgen;

import dev.headrace.EngineOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that measures. */
final class RunFlags {
  private static final Duration SHORTEST = Duration.ofMillis(1);

  @Mixin private EngineFlags engine;

  @Option(
      names = "--warmup",
      paramLabel = "TIME",
      description = "Runs so long before the measured window. Default: 2s.",
      converter = Values.Time.class)
  private Duration warmup = Duration.ofSeconds(2);

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description = "The measured window, without the warm-up. Default: 10s.",
      converter = Values.Time.class)
  private Duration duration = Duration.ofSeconds(10);

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Keeps the run there. Default: bench-results/local/RUN_ID.")
  private Path out;

  @Option(names = "--json", description = "Prints the result as one JSON document.")
  private boolean json;

  @Mixin private MetricsFlags.OfRun metrics;

  /** The options of the generator's engine, which keeps nothing back when it ends. */
  EngineOptions.Builder engine() throws IOException {
    return engine.options().name("load").drainTimeout(Duration.ofMillis(500));
  }

  Duration warmup() {
    return warmup;
  }

  Duration duration() {
    if (duration.compareTo(SHORTEST) < 0) {
      throw new WrongValue("--duration is " + duration.toMillis() + " ms: it must be 1 ms or more");
    }
    return duration;
  }

  Optional<Path> out() {
    return Optional.ofNullable(out);
  }

  MetricsFlags.OfRun metrics() {
    return metrics;
  }

  boolean json() {
    return json;
  }
}
