package dev.headrace.loadgen.load;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.file.AsyncFile;
import dev.headrace.file.OpenOptions;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The lanes of a {@link FileWorkload}: each loop opens the file for itself, so that no two loops
 * count the users of one descriptor.
 */
final class FileLanes implements Lanes {
  private static final int ALIGNMENT = 4096;

  private final FileWorkload workload;
  private final long blocks;
  private final Map<EventLoop, Share> shares = new IdentityHashMap<>();

  /** What the lanes of one loop share; a lane of a random access has positions of its own. */
  private record Share(AsyncFile file, Positions.Sequential positions, Blocks blocks) {}

  private FileLanes(FileWorkload workload, long blocks) {
    this.workload = workload;
    this.blocks = blocks;
  }

  /** Makes the file if need be, and opens it; what was made is removed if that fails. */
  static FileLanes open(FileWorkload workload, Engine engine) throws IOException {
    Path path = workload.path();
    boolean made = workload.access().writes() && !Files.exists(path);
    if (made) {
      AsyncFile.open(engine, path, OpenOptions.writing().createNew()).close();
    }
    try {
      return opened(workload, engine, made);
    } catch (IOException | RuntimeException e) {
      if (made) {
        Files.deleteIfExists(path);
      }
      throw e;
    }
  }

  private static FileLanes opened(FileWorkload workload, Engine engine, boolean made)
      throws IOException {
    long usedBytes = usedBytes(workload, made ? 0 : Files.size(workload.path()));
    if (workload.access() == FileAccess.RANDWRITE) {
      allocate(engine, workload.path(), usedBytes);
    }
    FileLanes lanes = new FileLanes(workload, usedBytes / workload.blockBytes());
    try {
      for (EventExecutor loop : engine.loops()) {
        if (lanes.shares.size() < workload.depth()) {
          lanes.open(engine, (EventLoop) loop);
        }
      }
      if (workload.direct()) {
        lanes.tryOut();
      }
      return lanes;
    } catch (IOException | RuntimeException e) {
      lanes.close();
      throw e;
    }
  }

  /** A file to be read is used as far as it goes; one to be written may grow. */
  private static long usedBytes(FileWorkload workload, long existing) {
    return workload.access().writes()
        ? workload.size().orElse(existing > 0 ? existing : FileWorkload.DEFAULT_SIZE_BYTES)
        : Math.min(existing, workload.size().orElse(existing));
  }

  /** Without it random writes would measure how a file system fills holes. */
  private static void allocate(Engine engine, Path path, long bytes) throws IOException {
    try (AsyncFile file = AsyncFile.open(engine, path, OpenOptions.writing())) {
      if (file.size() < bytes) {
        file.allocate(0, bytes);
      }
    }
  }

  private void open(Engine engine, EventLoop loop) throws IOException {
    OpenOptions how = workload.access().writes() ? OpenOptions.writing() : OpenOptions.reading();
    AsyncFile file;
    try {
      file = AsyncFile.open(engine, workload.path(), workload.direct() ? how.direct() : how);
    } catch (IOException e) {
      if (workload.direct() && IoFailure.kindOf(e).equals("EINVAL")) {
        throw IoFailure.withMessage(
            workload.path()
                + ": its file system has no direct I/O (O_DIRECT): leave out --direct, or take a"
                + " file on another one",
            e);
      }
      throw e;
    }
    int loops = Math.min(engine.options().loops(), workload.depth());
    long first = blocks * shares.size() / loops;
    shares.put(
        loop,
        new Share(
            file,
            new Positions.Sequential(workload.blockBytes(), blocks, first),
            new Blocks(workload.blockBytes())));
  }

  /** A device may want blocks of 4,096 bytes: better told once than by every operation. */
  private void tryOut() throws IOException {
    AsyncFile file = shares.values().iterator().next().file();
    ByteBuffer block =
        ByteBuffer.allocateDirect(workload.blockBytes() + ALIGNMENT)
            .alignedSlice(ALIGNMENT)
            .slice(0, workload.blockBytes());
    if (workload.access().writes()) {
      file.write(block, 0);
    } else {
      file.read(block, 0);
    }
  }

  @Override
  public Lane lane(Site site, int index) {
    Share share = shares.get(site.loop());
    Positions positions =
        workload.access().isRandom()
            ? new Positions.Scattered(workload.blockBytes(), blocks, index)
            : share.positions();
    return new FileLane(
        site,
        share.file(),
        positions,
        share.blocks(),
        workload.blockBytes(),
        workload.access().writes());
  }

  @Override
  public Map<String, Object> config() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("size_bytes", blocks * workload.blockBytes());
    config.put("backend", shares.values().iterator().next().file().backend().toString());
    return config;
  }

  @Override
  public void close() throws IOException {
    IOException first = null;
    for (Share share : shares.values()) {
      share.blocks().close();
      try {
        share.file().close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
