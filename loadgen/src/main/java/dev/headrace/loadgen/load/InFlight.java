package dev.headrace.loadgen.load;

import dev.headrace.loadgen.measure.LoopRecorder;

/**
 * The requests of one connection that have no answer yet, where answers come in the order of the
 * requests. Allocates nothing per request. Confined to its loop.
 */
final class InFlight {
  private final LoopRecorder recorder;
  private final boolean open;
  private final int depth;
  private final long[] intendedNanos;
  private final long[] sentNanos;
  private final int mask;
  private long sent;
  private long answered;

  InFlight(Site site, int depth) {
    this.recorder = site.recorder();
    this.open = site.open();
    this.depth = depth;
    int slots = slots(depth);
    mask = slots - 1;
    intendedNanos = open ? new long[slots] : null;
    sentNanos = new long[slots];
  }

  /** A power of two, twice the depth at least. */
  static int slots(int depth) {
    return Integer.highestOneBit(2 * depth - 1) << 1;
  }

  boolean hasRoom() {
    return sent - answered < depth;
  }

  int count() {
    return (int) (sent - answered);
  }

  /** How many were sent so far: the number of the next one. */
  long sent() {
    return sent;
  }

  /** How many were answered so far: the number of the one whose answer comes next. */
  long answered() {
    return answered;
  }

  /** The place of a request in arrays of {@link #slots} elements. */
  int slot(long number) {
    return (int) number & mask;
  }

  void add(long intended, long now) {
    int slot = slot(sent++);
    if (open) {
      intendedNanos[slot] = intended;
    }
    sentNanos[slot] = now;
  }

  /** The oldest one is answered. */
  void remove(long now, long answerBytes) {
    int slot = slot(answered++);
    if (open) {
      recorder.open(intendedNanos[slot], sentNanos[slot], now, answerBytes);
    } else {
      recorder.closed(sentNanos[slot], now, answerBytes);
    }
  }
}
