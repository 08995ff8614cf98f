package dev.headrace;

import dev.headrace.linux.CpuSet;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How an engine is started. Start from {@link #defaults()} and change what must differ.
 *
 * @param transport which transport; {@link Transport#AUTO} picks the best that the host offers
 * @param loops how many event loops, at least 1
 * @param pin the CPUs that the loops' threads are pinned to, one a loop in turn; empty pins nothing
 * @param name the prefix of the loops' thread names
 * @param poolBytesPerLoop the most memory that the buffer pool of one loop takes, in bytes
 * @param backlog how many connections may wait to be accepted; the kernel caps it at somaxconn
 * @param writeHighWatermarkBytes past this many unsent bytes a connection is not writable
 * @param writeLowWatermarkBytes below this many it is writable again
 * @param drainTimeout how long {@link Engine#close()} lets connections finish before it cuts them,
 *     TCP by a reset
 * @param taskHogLimit how long a task may run on its loop without a pause before it is reported,
 *     with its stack
 * @param fileBackend how file operations are done; {@link FileBackend#AUTO} takes the ring where
 *     the transport has one
 * @param fileOperationsPerLoop how many file operations of one loop are in flight at once, 1 to
 *     1,024; past it they wait for their turn
 * @param fileWorkers the most threads that file operations occupy: the kernel's own workers of each
 *     ring, and the engine's pool for what no ring does
 */
public record EngineOptions(
    Transport transport,
    int loops,
    Optional<CpuSet> pin,
    String name,
    long poolBytesPerLoop,
    int backlog,
    int writeHighWatermarkBytes,
    int writeLowWatermarkBytes,
    Duration drainTimeout,
    Duration taskHogLimit,
    FileBackend fileBackend,
    int fileOperationsPerLoop,
    int fileWorkers) {

  /** The smallest pool that can back a buffer ring and still hand out buffers. */
  public static final long LEAST_POOL_BYTES = 8L << 20;

  /** Checks every value; a bad one is named with its range. */
  public EngineOptions {
    Objects.requireNonNull(transport, "transport");
    Objects.requireNonNull(pin, "pin");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(drainTimeout, "drainTimeout");
    check(loops >= 1 && loops <= 1024, "loops", loops, "1 to 1024");
    check(
        poolBytesPerLoop >= LEAST_POOL_BYTES,
        "poolBytesPerLoop",
        poolBytesPerLoop,
        LEAST_POOL_BYTES + " or more");
    check(backlog >= 1, "backlog", backlog, "1 or more");
    check(
        writeLowWatermarkBytes >= 1, "writeLowWatermarkBytes", writeLowWatermarkBytes, "1 or more");
    check(
        writeHighWatermarkBytes >= writeLowWatermarkBytes,
        "writeHighWatermarkBytes",
        writeHighWatermarkBytes,
        "at least writeLowWatermarkBytes, " + writeLowWatermarkBytes);
    check(!drainTimeout.isNegative(), "drainTimeout", drainTimeout, "zero or more");
    Objects.requireNonNull(taskHogLimit, "taskHogLimit");
    check(taskHogLimit.toMillis() >= 1, "taskHogLimit", taskHogLimit, "1 ms or more");
    Objects.requireNonNull(fileBackend, "fileBackend");
    check(
        fileOperationsPerLoop >= 1 && fileOperationsPerLoop <= 1024,
        "fileOperationsPerLoop",
        fileOperationsPerLoop,
        "1 to 1024");
    check(fileWorkers >= 1 && fileWorkers <= 1024, "fileWorkers", fileWorkers, "1 to 1024");
  }

  private static void check(boolean good, String name, Object value, String range) {
    if (!good) {
      throw new IllegalArgumentException(name + " is " + value + ": it must be " + range);
    }
  }

  /**
   * Defaults: the best transport, a loop a core, nothing pinned.
   *
   * @return the options
   */
  public static EngineOptions defaults() {
    return builder().build();
  }

  /**
   * A builder that starts from the defaults.
   *
   * @return a new builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects what differs from the defaults; {@link #build()} checks the values. */
  public static final class Builder {
    private Transport transport = Transport.AUTO;
    private int loops = Runtime.getRuntime().availableProcessors();
    private Optional<CpuSet> pin = Optional.empty();
    private String name = "headrace";
    private long poolBytesPerLoop = 64L << 20;
    private int backlog = 4096;
    private int writeHighWatermarkBytes = 64 << 10;
    private int writeLowWatermarkBytes = 32 << 10;
    private Duration drainTimeout = Duration.ofSeconds(5);
    private Duration taskHogLimit = Duration.ofMillis(500);
    private FileBackend fileBackend = FileBackend.AUTO;
    private int fileOperationsPerLoop = 256;
    private int fileWorkers = 64;

    private Builder() {}

    /** Sets {@link EngineOptions#transport()}; returns this builder. */
    public Builder transport(Transport value) {
      transport = value;
      return this;
    }

    /** Sets {@link EngineOptions#loops()}; returns this builder. */
    public Builder loops(int value) {
      loops = value;
      return this;
    }

    /** Sets {@link EngineOptions#pin()}; returns this builder. */
    public Builder pin(CpuSet value) {
      pin = Optional.of(value);
      return this;
    }

    /** Sets {@link EngineOptions#name()}; returns this builder. */
    public Builder name(String value) {
      name = value;
      return this;
    }

    /** Sets {@link EngineOptions#poolBytesPerLoop()}; returns this builder. */
    public Builder poolBytesPerLoop(long value) {
      poolBytesPerLoop = value;
      return this;
    }

    /** Sets {@link EngineOptions#backlog()}; returns this builder. */
    public Builder backlog(int value) {
      backlog = value;
      return this;
    }

    /** Sets both write watermarks, in bytes; returns this builder. */
    public Builder writeWatermarks(int lowBytes, int highBytes) {
      writeLowWatermarkBytes = lowBytes;
      writeHighWatermarkBytes = highBytes;
      return this;
    }

    /** Sets {@link EngineOptions#drainTimeout()}; returns this builder. */
    public Builder drainTimeout(Duration value) {
      drainTimeout = value;
      return this;
    }

    /** Sets {@link EngineOptions#taskHogLimit()}; returns this builder. */
    public Builder taskHogLimit(Duration value) {
      taskHogLimit = value;
      return this;
    }

    /** Sets {@link EngineOptions#fileBackend()}; returns this builder. */
    public Builder fileBackend(FileBackend value) {
      fileBackend = value;
      return this;
    }

    /** Sets {@link EngineOptions#fileOperationsPerLoop()}; returns this builder. */
    public Builder fileOperationsPerLoop(int value) {
      fileOperationsPerLoop = value;
      return this;
    }

    /** Sets {@link EngineOptions#fileWorkers()}; returns this builder. */
    public Builder fileWorkers(int value) {
      fileWorkers = value;
      return this;
    }

    /** The options; a value out of its range is an {@link IllegalArgumentException}. */
    public EngineOptions build() {
      return new EngineOptions(
          transport,
          loops,
          pin,
          name,
          poolBytesPerLoop,
          backlog,
          writeHighWatermarkBytes,
          writeLowWatermarkBytes,
          drainTimeout,
          taskHogLimit,
          fileBackend,
          fileOperationsPerLoop,
          fileWorkers);
    }
  }
}
