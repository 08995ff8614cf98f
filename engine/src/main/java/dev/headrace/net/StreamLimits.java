package dev.headrace.net;

import java.time.Duration;
import java.util.Objects;

/**
 * How long a served connection may last, so that clients which say little and slowly do not pile
 * up. One that outlives a limit is aborted; its task sees an {@link
 * java.nio.channels.AsynchronousCloseException}. Checked a few times in a limit, so it may last up
 * to a quarter longer.
 *
 * @param idle how long nothing may move: no byte comes in, and none is sent; zero is for ever
 * @param lifetime how long it may last in all; zero is for ever
 */
public record StreamLimits(Duration idle, Duration lifetime) {
  /** No limit. */
  public static final StreamLimits NONE = new StreamLimits(Duration.ZERO, Duration.ZERO);

  /** Checks both. */
  public StreamLimits {
    check("idle", idle);
    check("lifetime", lifetime);
  }

  private static void check(String name, Duration limit) {
    if (Objects.requireNonNull(limit, name).isNegative()) {
      throw new IllegalArgumentException(
          name + " limit is " + limit + ": it must be zero (for ever) or more");
    }
  }

  /**
   * A limit of idleness only.
   *
   * @param limit how long nothing may move
   * @return the limits
   */
  public static StreamLimits idle(Duration limit) {
    return new StreamLimits(limit, Duration.ZERO);
  }

  /** The same with a lifetime. */
  public StreamLimits lifetime(Duration limit) {
    return new StreamLimits(idle, limit);
  }

  boolean areNone() {
    return idle.isZero() && lifetime.isZero();
  }

  /** How often to look: a quarter of the shorter one. */
  long sweepNanos() {
    long idleNanos = idle.isZero() ? Long.MAX_VALUE : idle.toNanos();
    long lifetimeNanos = lifetime.isZero() ? Long.MAX_VALUE : lifetime.toNanos();
    return Math.max(1, Math.min(idleNanos, lifetimeNanos) / 4);
  }
}
