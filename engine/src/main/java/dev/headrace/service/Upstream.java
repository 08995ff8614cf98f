package dev.headrace.service;

import dev.headrace.IoFailure;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One upstream, and what its connections say of its health. Any thread may call any method; none
 * waits.
 *
 * <pre>
 *            failures in a row                its rest is over
 *   well ───────────────────────▶ resting ───────────────────▶ tried by one client
 *    ▲                               ▲                               │     │
 *    └───────────────────────────────┼───────── connected ───────────┘     │
 *                                    └─────────── failed ──────────────────┘
 * </pre>
 */
final class Upstream implements ChannelFutureListener {
  private static final System.Logger LOG = System.getLogger("dev.headrace");

  /** Want of this host, not of the upstream. */
  private static final Set<String> OUR_OWN =
      Set.of("EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS", "ENOMEM");

  private static final State WELL = new State(0, false, 0, false);

  private final SocketAddress address;
  private final int failuresBeforeRest;
  private final Duration rest;
  private final AtomicReference<State> state = new AtomicReference<>(WELL);
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong connects = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();

  private record State(int failedInRow, boolean resting, long untilNanos, boolean beingTried) {}

  /**
   * Makes one that is well.
   *
   * @param rest zero if it never rests
   */
  Upstream(SocketAddress address, int failuresBeforeRest, Duration rest) {
    this.address = address;
    this.failuresBeforeRest = failuresBeforeRest;
    this.rest = rest;
  }

  SocketAddress address() {
    return address;
  }

  boolean isResting() {
    return state.get().resting;
  }

  /** When it may be tried again; only of one that rests. */
  long untilNanos() {
    return state.get().untilNanos;
  }

  /** Whether the caller may connect; of one whose rest is over it is the only one who may. */
  boolean mayTry(long now) {
    State seen = state.get();
    return !seen.resting
        || !seen.beingTried
            && now - seen.untilNanos >= 0
            && state.compareAndSet(seen, new State(seen.failedInRow, true, seen.untilNanos, true));
  }

  void connected() {
    connects.incrementAndGet();
    if (state.get() != WELL && state.getAndSet(WELL).resting) {
      LOG.log(Level.INFO, "upstream " + IoFailure.text(address) + " is back");
    }
  }

  void failed(IoFailure failure) {
    failures.incrementAndGet();
    long untilNanos = System.nanoTime() + rest.toNanos();
    boolean counts = !OUR_OWN.contains(failure.kind());
    State seen = state.getAndUpdate(last -> afterFailure(last, counts, untilNanos));
    if (!seen.resting && isResting()) {
      LOG.log(
          Level.WARNING,
          "upstream {0} rests for {1}; failures in a row: {2}, the last: {3}",
          IoFailure.text(address),
          rest,
          seen.failedInRow + 1,
          failure.getMessage());
    }
  }

  private State afterFailure(State last, boolean counts, long untilNanos) {
    if (!counts || rest.isZero()) {
      return new State(last.failedInRow, last.resting, last.untilNanos, false);
    }
    int failedInRow = last.failedInRow + 1;
    return failedInRow < failuresBeforeRest
        ? new State(failedInRow, false, 0, false)
        : new State(failedInRow, true, untilNanos, false);
  }

  void opened(ChannelFuture closing) {
    open.incrementAndGet();
    closing.addListener(this); // itself: a listener of each connection would cost each its bytes
  }

  @Override
  public void operationComplete(ChannelFuture closed) {
    open.decrementAndGet();
  }

  ProxyStats.Upstream stats() {
    return new ProxyStats.Upstream(
        address, open.get(), connects.get(), failures.get(), isResting());
  }
}
