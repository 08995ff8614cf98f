package dev.headrace.micrometer;

import dev.headrace.EngineStats;
import dev.headrace.buffer.BufferPoolStats;
import java.util.function.Supplier;

/** The meters of one loop. */
final class LoopMeters {
  private LoopMeters() {}

  /**
   * Adds them.
   *
   * @param to the registry, with the loop's tags
   * @param loop what it has done
   */
  static void add(Meters to, Supplier<EngineStats.Loop> loop) {
    work(to, loop);
    connections(to, loop);
    pool(to, () -> loop.get().pool());
    files(to, () -> loop.get().files());
    if (loop.get().ring().isPresent()) {
      ring(to, () -> loop.get().ring().orElseThrow());
    }
  }

  private static void ring(Meters to, Supplier<EngineStats.Ring> ring) {
    to.count(
            "headrace.ring.submissions",
            "Operations submitted to a loop's ring.",
            () -> ring.get().submissions())
        .count(
            "headrace.ring.receives.without.buffer",
            "Receives that ended because the ring had no buffer left.",
            () -> ring.get().receivesWithoutBuffer());
  }

  private static void work(Meters to, Supplier<EngineStats.Loop> loop) {
    to.count("headrace.loop.turns", "How often a loop polled the kernel.", () -> loop.get().turns())
        .count(
            "headrace.loop.completions",
            "I/O completions (io_uring) or ready channels (epoll, NIO) handled.",
            () -> loop.get().completions())
        .count("headrace.loop.tasks", "Tasks that a loop ran.", () -> loop.get().tasks())
        .countNanos(
            "headrace.loop.busy",
            "Time spent on completions and tasks rather than in the kernel's poll.",
            () -> loop.get().busyNanos())
        .gaugeNanos(
            "headrace.loop.longest.task",
            "The longest task so far.",
            () -> loop.get().longestTaskNanos())
        .gaugeNanos(
            "headrace.loop.longest.turn",
            "The longest stretch without a poll so far.",
            () -> loop.get().longestTurnNanos())
        .gauge("headrace.open.tasks", "Tasks that have not ended.", () -> loop.get().openTasks());
  }

  private static void connections(Meters to, Supplier<EngineStats.Loop> loop) {
    to.count("headrace.accepted.connections", "Connections accepted.", () -> loop.get().accepted())
        .count(
            "headrace.connected.connections",
            "Connections to others that were begun, also those that were refused.",
            () -> loop.get().connected())
        .count(
            "headrace.closed.connections",
            "Connections of both kinds that are closed.",
            () -> loop.get().closed())
        .gauge("headrace.open.connections", "Connections that are open.", () -> loop.get().open());
  }

  private static void pool(Meters to, Supplier<BufferPoolStats> pool) {
    String buffers = "Buffers of a loop's pool: with the kernel, the engine or the application.";
    to.with("state", "in_use").gauge("headrace.pool.buffers", buffers, () -> pool.get().inUse());
    to.with("state", "free").gauge("headrace.pool.buffers", buffers, () -> pool.get().free());
    to.gauge("headrace.pool.buffer.limit", "How many a pool may hold.", () -> pool.get().limit())
        .gauge(
            "headrace.pool.buffers.peak",
            "The most that were in use at once.",
            () -> pool.get().peak())
        .gauge(
            "headrace.pool.buffer.size",
            "The size of each buffer.",
            "bytes",
            () -> pool.get().bufferSizeBytes())
        .count(
            "headrace.pool.refusals",
            "How often a pool was found at its bound.",
            () -> pool.get().refused())
        .count(
            "headrace.pool.overflows",
            "How often the kernel's ring had to be refilled past the bound.",
            () -> pool.get().overflowed());
  }

  private static void files(Meters to, Supplier<EngineStats.Files> files) {
    to.with("backend", files.get().backend().toString())
        .count(
            "headrace.file.operations",
            "File operations that are done, in whichever way they ended.",
            () -> files.get().done());
    to.gauge(
            "headrace.file.operations.in.flight",
            "File operations that the kernel or a thread works on.",
            () -> files.get().inFlight())
        .gauge(
            "headrace.file.operations.peak",
            "The most that were in flight at once.",
            () -> files.get().peak())
        .count(
            "headrace.file.operations.waited",
            "File operations that had to wait for their turn.",
            () -> files.get().waited())
        .count(
            "headrace.file.operations.by.threads",
            "File operations that threads of the engine did.",
            () -> files.get().byThreads());
  }
}
