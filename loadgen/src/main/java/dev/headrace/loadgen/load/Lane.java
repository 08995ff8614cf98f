package dev.headrace.loadgen.load;

import io.netty.util.concurrent.Future;

/**
 * One of the connections that a run was asked for, through all its replacements. Confined to its
 * loop, but for {@link #open}.
 */
interface Lane {
  /**
   * Connects for the first time; from any thread.
   *
   * @return when it is connected, or why it is not
   */
  Future<?> open();

  /**
   * The run begins: a closed loop sends its first requests, a lane that is not up connects.
   *
   * @param pacer is told whenever answers came, so that it is not late; null in a closed loop
   */
  void begin(Pacer pacer);

  /** A request of the open loop is due; it is sent now, or waits its turn here. */
  void offer(long intendedNanos);

  /** Sends what was offered. */
  void flush();

  /** Drops what waits its turn: the warm-up's backlog is not the measured window's. */
  void forgetWaiting();

  /** No new request is made from now on; those that are due are still sent and answered. */
  void end();

  /** Requests that are due and have no answer. */
  int pending();

  /** Whether the last attempt to connect failed: the target seems to be gone. */
  boolean isRefused();

  /** Gives up requests that have waited for longer than the workload's time-out. */
  default void expire(long nowNanos) {}

  /** Answers of the measured window that came late or twice, and were ignored. */
  default long ignored() {
    return 0;
  }

  /** Cuts the connection; nothing is counted any more. */
  void close();
}
