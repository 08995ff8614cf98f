package dev.headrace.loadgen.load;

/** How long a lane rests before it connects again: 10 ms, doubled at each failure up to 1 s. */
final class Backoff {
  private static final long FIRST_MILLIS = 10;
  private static final long LAST_MILLIS = 1000;

  private long nextMillis = FIRST_MILLIS;

  long takeMillis() {
    long millis = nextMillis;
    nextMillis = Math.min(LAST_MILLIS, 2 * nextMillis);
    return millis;
  }

  void reset() {
    nextMillis = FIRST_MILLIS;
  }
}
