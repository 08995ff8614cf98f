package dev.headrace;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Keeps a log readable when the same fault comes a thousand times a second. Any thread. */
final class OnceAMinute {
  private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final AtomicLong quietUntilNanos = new AtomicLong(System.nanoTime());

  /** Whether a minute has gone by since this was last true. */
  boolean mayTell() {
    long now = System.nanoTime();
    long quietUntil = quietUntilNanos.get();
    return now - quietUntil >= 0 && quietUntilNanos.compareAndSet(quietUntil, now + QUIET_NANOS);
  }
}
