package dev.headrace.service;

import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Whom a proxy forwards to: each client begins with the next one in turn. Any thread's. */
final class Upstreams {
  private final List<Upstream> all;
  private final AtomicInteger turn = new AtomicInteger();

  Upstreams(ProxyOptions options) {
    // A sole one has nobody to rest for.
    Duration rest = options.upstreams().size() > 1 ? options.rest() : Duration.ZERO;
    this.all =
        options.upstreams().stream()
            .map(address -> new Upstream(address, options.failuresBeforeRest(), rest))
            .toList();
  }

  /** Where a client begins. */
  int nextTurn() {
    return Math.floorMod(turn.getAndIncrement(), all.size());
  }

  Upstream get(int index) {
    return all.get(index);
  }

  /**
   * Whom a client tries next: the first in turn that is well or whose rest is over; if all rest,
   * the one that comes back soonest, for a bad chance is better than none.
   *
   * @param from where the client began
   * @param tried whom it has tried; the answer is added
   * @param now of {@link System#nanoTime()}
   * @return an index, or -1 when all are tried
   */
  int next(int from, BitSet tried, long now) {
    int soonest = -1;
    for (int i = 0; i < all.size(); i++) {
      int index = (from + i) % all.size();
      if (tried.get(index)) {
        continue;
      }
      if (all.get(index).mayTry(now)) {
        soonest = index;
        break;
      }
      if (soonest < 0 || all.get(index).untilNanos() - all.get(soonest).untilNanos() < 0) {
        soonest = index;
      }
    }
    if (soonest >= 0) {
      tried.set(soonest);
    }
    return soonest;
  }

  /** How many the client has still to try, whom it would not pass over. */
  int hopeful(BitSet tried) {
    int count = 0;
    for (int i = 0; i < all.size(); i++) {
      if (!tried.get(i) && !all.get(i).isResting()) {
        count++;
      }
    }
    return count;
  }

  List<ProxyStats.Upstream> stats() {
    return all.stream().map(Upstream::stats).toList();
  }
}
