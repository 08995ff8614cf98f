package dev.headrace.internal.loop;

import dev.headrace.EngineStats;
import dev.headrace.buffer.BufferPoolStats;
import java.util.Optional;

/**
 * What one loop counts of itself. Written by the loop's own thread with plain stores, read by
 * others at any time: each count may be a moment old, none is torn.
 */
final class LoopMeter {
  private final long startedNanos = System.nanoTime();
  private volatile long turns;
  private long completions;
  private long tasks;
  private long busyNanos;
  private long longestTaskNanos;
  private long longestTurnNanos;
  private long accepted;
  private long connected;
  private long closed;

  private long lastPollEndNanos;
  private long taskStartNanos;
  private long lastActiveNanos;

  /** The tasks since the last poll are over, and the next poll begins. */
  void pollBegins(long nowNanos) {
    taskBoundary(false);
    if (lastPollEndNanos != 0) {
      long turnNanos = lastActiveNanos + (nowNanos - lastPollEndNanos);
      busyNanos += turnNanos;
      longestTurnNanos = Math.max(longestTurnNanos, turnNanos);
    }
  }

  /** A poll handled completions for {@code activeNanos}; waiting is not in it. */
  void pollEnded(int handled, long activeNanos, long nowNanos) {
    completions += handled;
    lastActiveNanos = activeNanos;
    lastPollEndNanos = nowNanos;
    turns++; // the volatile store that lets the other counts be seen
  }

  /** The task that ran, if any, is over; a next one starts when {@code next} is true. */
  void taskBoundary(boolean next) {
    if (taskStartNanos == 0 && !next) {
      return;
    }
    long now = System.nanoTime();
    if (taskStartNanos != 0) {
      longestTaskNanos = Math.max(longestTaskNanos, now - taskStartNanos);
    }
    taskStartNanos = next ? now : 0;
    if (next) {
      tasks++;
    }
  }

  void opened(boolean byAccept) {
    if (byAccept) {
      accepted++;
    } else {
      connected++;
    }
  }

  void connectionClosed() {
    closed++;
  }

  EngineStats.Loop snapshot(
      String name,
      int openTasks,
      BufferPoolStats pool,
      EngineStats.Files files,
      Optional<EngineStats.Ring> ring) {
    long closedSeen = closed; // before those that it is less than
    long turnsSeen = turns;
    double lifeNanos = Math.max(1, System.nanoTime() - startedNanos);
    long busySeen = busyNanos;
    return new EngineStats.Loop(
        name,
        turnsSeen,
        completions,
        tasks,
        Math.min(1, busySeen / lifeNanos),
        busySeen,
        longestTaskNanos,
        longestTurnNanos,
        accepted,
        connected,
        closedSeen,
        openTasks,
        pool,
        files,
        ring);
  }
}
