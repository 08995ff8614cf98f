package dev.headrace.loadgen.load;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.loadgen.Interruption;
import dev.headrace.loadgen.report.Progress;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.IntFunction;

/**
 * Reads or writes a file; a request is one operation on one block, at a multiple of its size. Reads
 * take a file as it is. Writes make one, or go over one that exists.
 *
 * @param access how
 * @param path of the file
 * @param blockBytes of an operation, at least 1; a multiple of 512 where it is direct
 * @param depth operations in flight, over all loops; at least 1
 * @param size how much of the file is used: of one that exists, at most all of it to read
 * @param overwrite whether a file that exists may be written to
 * @param direct whether to pass by the page cache (O_DIRECT)
 */
public record FileWorkload(
    FileAccess access,
    Path path,
    int blockBytes,
    int depth,
    OptionalLong size,
    boolean overwrite,
    boolean direct)
    implements Workload {
  /** What a new file holds, unless it is said. */
  public static final long DEFAULT_SIZE_BYTES = 1L << 30;

  /** As many as the engine keeps in flight on a loop. */
  public static final int DEEPEST_OF_LOOP = 1024;

  /**
   * Suits an engine to this: as many operations in flight, and as many threads where threads do
   * them, so that a depth is the same on both.
   *
   * @param options changed, and built
   * @throws IllegalArgumentException when the loops cannot keep so many in flight
   */
  public EngineOptions tuned(EngineOptions.Builder options) {
    int loops = options.build().loops();
    return options
        .fileOperationsPerLoop(Math.ceilDiv(depth, loops))
        .fileWorkers(Math.min(depth, DEEPEST_OF_LOOP))
        .build();
  }

  @Override
  public String name() {
    return "file-" + access;
  }

  @Override
  public int lanes() {
    return depth;
  }

  @Override
  public boolean isOwnWork() {
    return true;
  }

  @Override
  public Map<String, Object> config() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("path", path.toString());
    config.put("block_bytes", blockBytes);
    config.put("depth", depth);
    config.put("direct", direct);
    return config;
  }

  @Override
  public Lanes prepare(Engine engine) throws IOException {
    return FileLanes.open(this, engine);
  }

  /** The file is open already. */
  @Override
  public Map<String, Integer> open(
      IntFunction<Future<?>> lane, Progress progress, Interruption stop) {
    return Map.of();
  }
}
