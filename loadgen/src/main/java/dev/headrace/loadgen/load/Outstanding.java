package dev.headrace.loadgen.load;

import java.util.Arrays;

/**
 * The requests of one UDP socket that have no answer yet. Answers come in any order, twice, or
 * never. Request {@code k} lies in slot {@code k mod slots}; a number whose slot is still taken by
 * an older request is never used. Allocates nothing per request. Confined to its loop.
 */
final class Outstanding {
  private static final long FREE = -1;

  private final int depth;
  private final long[] sequences;
  private final long[] intendedNanos;
  private final long[] sentNanos;
  private final int mask;
  private long next;
  private int count;

  Outstanding(int depth) {
    this.depth = depth;
    int slots = InFlight.slots(depth);
    mask = slots - 1;
    sequences = new long[slots];
    intendedNanos = new long[slots];
    sentNanos = new long[slots];
    Arrays.fill(sequences, FREE);
  }

  boolean hasRoom() {
    return count < depth;
  }

  int count() {
    return count;
  }

  /** Whether a number was ever given out. */
  boolean wasSent(long sequence) {
    return sequence >= 0 && sequence < next;
  }

  /** Takes a request in; returns its number. */
  long add(long intended, long now) {
    assert hasRoom() : depth + " requests are outstanding: ask hasRoom() first";
    while (sequences[slot(next)] != FREE) {
      next++;
    }
    int slot = slot(next);
    sequences[slot] = next;
    intendedNanos[slot] = intended;
    sentNanos[slot] = now;
    count++;
    return next++;
  }

  private int slot(long sequence) {
    return (int) sequence & mask;
  }

  boolean contains(long sequence) {
    return wasSent(sequence) && sequences[slot(sequence)] == sequence;
  }

  long intendedNanos(long sequence) {
    return intendedNanos[slot(sequence)];
  }

  long sentNanos(long sequence) {
    return sentNanos[slot(sequence)];
  }

  void remove(long sequence) {
    assert contains(sequence) : sequence + " is not outstanding: ask contains() first";
    sequences[slot(sequence)] = FREE;
    count--;
  }

  /** Gives up all that were sent before a moment; returns how many. */
  int removeSentBefore(long nanos) {
    int before = count;
    for (int slot = 0; slot <= mask && count > 0; slot++) {
      if (sequences[slot] != FREE && sentNanos[slot] - nanos < 0) {
        sequences[slot] = FREE;
        count--;
      }
    }
    return before - count;
  }

  /** Gives up all; returns how many. */
  int clear() {
    int before = count;
    Arrays.fill(sequences, FREE);
    count = 0;
    return before;
  }
}
