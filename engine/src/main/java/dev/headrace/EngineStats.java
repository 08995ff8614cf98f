package dev.headrace;

import dev.headrace.buffer.BufferPoolStats;
import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * What the engine has done since it started. A snapshot: counts only grow, {@code open} and the
 * pool's use rise and fall. Loops are read one after the other without stopping them.
 *
 * @param loops one entry a loop
 * @param acceptFailures how often accepting failed, for want of descriptors most of all
 * @param datagramFailures how often a service of datagrams could not receive or answer one
 * @param hogs how many tasks were reported because they kept their loop to themselves
 */
public record EngineStats(List<Loop> loops, long acceptFailures, long datagramFailures, long hogs) {

  /** Copies the loops. */
  public EngineStats {
    loops = List.copyOf(loops);
  }

  /**
   * One loop.
   *
   * @param name the name of its thread
   * @param turns how often it polled the kernel
   * @param completions I/O completions (io_uring) or ready channels (epoll, NIO) handled
   * @param tasks tasks run
   * @param busyShare the share of its life, 0 to 1, spent on completions and tasks rather than in
   *     the kernel's poll
   * @param busyNanos the same as a time that only grows
   * @param longestTaskNanos the longest single task
   * @param longestTurnNanos the longest stretch without a poll: what a new event may have waited
   * @param accepted connections accepted
   * @param connected connections to others that were begun, also those that were refused
   * @param closed connections of both kinds that are closed
   * @param openTasks tasks that have not ended
   * @param pool its buffers
   * @param files its file operations
   * @param ring its ring; empty on epoll and NIO
   */
  public record Loop(
      String name,
      long turns,
      long completions,
      long tasks,
      double busyShare,
      long busyNanos,
      long longestTaskNanos,
      long longestTurnNanos,
      long accepted,
      long connected,
      long closed,
      int openTasks,
      BufferPoolStats pool,
      Files files,
      Optional<Ring> ring) {

    /** Connections open now. */
    public long open() {
      return accepted + connected - closed;
    }
  }

  /**
   * The file operations of one loop.
   *
   * @param backend how they are done
   * @param done how many, in whichever way they ended
   * @param inFlight how many the kernel or a thread works on now
   * @param peak the most that were in flight at once
   * @param waited how many had to wait for their turn
   * @param byThreads how many of those that are done were done by threads of the engine
   */
  public record Files(
      FileBackend backend, long done, int inFlight, int peak, long waited, long byThreads) {
    /** Of a loop that has none. */
    public static final Files NONE = new Files(FileBackend.THREADS, 0, 0, 0, 0, 0);
  }

  /**
   * What one loop has asked of its ring, for its sockets and files together.
   *
   * @param submissions operations submitted; one may bring many completions, or none for long
   * @param receivesWithoutBuffer how often a receive ended because the ring had no buffer left
   */
  public record Ring(long submissions, long receivesWithoutBuffer) {}

  /** File operations that all loops have done. */
  public long fileOperations() {
    return sum(loop -> loop.files().done());
  }

  /** Connections accepted by all loops. */
  public long accepted() {
    return sum(Loop::accepted);
  }

  /** Connections that are open on all loops. */
  public long open() {
    return sum(Loop::open);
  }

  /** Connections of all loops that are closed. */
  public long closed() {
    return sum(Loop::closed);
  }

  /** Tasks of all loops that have not ended. */
  public long openTasks() {
    return sum(Loop::openTasks);
  }

  /** Buffers of all pools that are not free: in a ring, in the engine or with the application. */
  public long buffersInUse() {
    return sum(loop -> loop.pool().inUse());
  }

  private long sum(ToLongFunction<Loop> count) {
    return loops.stream().mapToLong(count).sum();
  }
}
