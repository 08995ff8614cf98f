package dev.headrace.loadgen.metrics;

import dev.headrace.Engine;
import dev.headrace.EngineStats;
import dev.headrace.buffer.BufferPoolStats;

/** What an engine says of itself, loop by loop. */
record EngineSource(Engine engine) implements Source {
  @Override
  public void addTo(Families families) {
    EngineStats stats = engine.stats();
    for (EngineStats.Loop loop : stats.loops()) {
      work(families, loop);
      connections(families, loop);
      pool(families, loop.name(), loop.pool());
      files(families, loop.name(), loop.files());
      loop.ring().ifPresent(ring -> ring(families, loop.name(), ring));
    }
    families.counter(
        "accept_failures",
        "How often accepting failed, for want of descriptors most of all.",
        stats.acceptFailures());
    families.counter(
        "datagram_failures",
        "How often a service of datagrams could not receive or answer one.",
        stats.datagramFailures());
    families.counter("hogs", "Tasks that kept their loop to themselves.", stats.hogs());
  }

  private static void work(Families families, EngineStats.Loop loop) {
    String[] at = {"loop", loop.name()};
    families.counter("loop_turns", "How often a loop polled the kernel.", loop.turns(), at);
    families.counter(
        "loop_completions",
        "I/O completions (io_uring) or ready channels (epoll, NIO) handled.",
        loop.completions(),
        at);
    families.counter("loop_tasks", "Tasks that a loop ran.", loop.tasks(), at);
    families.counter(
        "loop_busy_seconds",
        "Time spent on completions and tasks rather than in the kernel's poll.",
        loop.busyNanos() / 1e9,
        at);
    families.gauge(
        "loop_longest_task_seconds", "The longest task so far.", loop.longestTaskNanos() / 1e9, at);
    families.gauge(
        "loop_longest_turn_seconds",
        "The longest stretch without a poll so far.",
        loop.longestTurnNanos() / 1e9,
        at);
    families.gauge("open_tasks", "Tasks that have not ended.", loop.openTasks(), at);
  }

  private static void connections(Families families, EngineStats.Loop loop) {
    String[] at = {"loop", loop.name()};
    families.counter("accepted_connections", "Connections accepted.", loop.accepted(), at);
    families.counter(
        "connected_connections",
        "Connections to others that were begun, also those that were refused.",
        loop.connected(),
        at);
    families.counter(
        "closed_connections", "Connections of both kinds that are closed.", loop.closed(), at);
    families.gauge("open_connections", "Connections that are open.", loop.open(), at);
  }

  private static void pool(Families families, String loop, BufferPoolStats pool) {
    String[] at = {"loop", loop};
    String buffers = "Buffers of a loop's pool: with the kernel, the engine or the application.";
    families.gauge("pool_buffers", buffers, pool.inUse(), "loop", loop, "state", "in_use");
    families.gauge("pool_buffers", buffers, pool.free(), "loop", loop, "state", "free");
    families.gauge("pool_buffer_limit", "How many a pool may hold.", pool.limit(), at);
    families.gauge("pool_buffers_peak", "The most that were in use at once.", pool.peak(), at);
    families.gauge(
        "pool_buffer_size_bytes", "The size of each buffer.", pool.bufferSizeBytes(), at);
    families.counter(
        "pool_refusals", "How often a pool was found at its bound.", pool.refused(), at);
    families.counter(
        "pool_overflows",
        "How often the kernel's ring had to be refilled past the bound.",
        pool.overflowed(),
        at);
  }

  private static void ring(Families families, String loop, EngineStats.Ring ring) {
    String[] at = {"loop", loop};
    families.counter(
        "ring_submissions", "Operations submitted to a loop's ring.", ring.submissions(), at);
    families.counter(
        "ring_receives_without_buffer",
        "Receives that ended because the ring had no buffer left.",
        ring.receivesWithoutBuffer(),
        at);
  }

  private static void files(Families families, String loop, EngineStats.Files files) {
    String[] at = {"loop", loop};
    families.counter(
        "file_operations",
        "File operations that are done, in whichever way they ended.",
        files.done(),
        "loop",
        loop,
        "backend",
        files.backend().toString());
    families.gauge(
        "file_operations_in_flight",
        "File operations that the kernel or a thread works on.",
        files.inFlight(),
        at);
    families.gauge(
        "file_operations_peak", "The most that were in flight at once.", files.peak(), at);
    families.counter(
        "file_operations_waited",
        "File operations that had to wait for their turn.",
        files.waited(),
        at);
    families.counter(
        "file_operations_by_threads",
        "File operations that threads of the engine did.",
        files.byThreads(),
        at);
  }
}
