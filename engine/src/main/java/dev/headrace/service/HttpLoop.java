package dev.headrace.service;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * What the HTTP connections of one loop share: the replies, and the sweep that closes those that
 * take too long. Confined to that loop.
 *
 * <p>The sweep is no timer of the loop's: on io_uring the loop would submit a time-out with every
 * wait. The JDK's own timer thread hands it over a few times in the limit.
 */
final class HttpLoop {
  private static final int SWEEPS_PER_LIMIT = 4;

  private final EventLoop loop;
  private final long limitNanos;
  private final HttpReplies replies = new HttpReplies();
  private final Set<HttpConnection> connections =
      Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean armed;

  HttpLoop(EventLoop loop, long limitNanos) {
    this.loop = loop;
    this.limitNanos = limitNanos;
  }

  HttpReplies replies() {
    return replies;
  }

  void add(HttpConnection connection) {
    connections.add(connection);
    arm();
  }

  void remove(HttpConnection connection) {
    connections.remove(connection);
  }

  private void arm() {
    if (!armed && !connections.isEmpty()) {
      armed = true;
      long period = Math.max(1, limitNanos / SWEEPS_PER_LIMIT);
      CompletableFuture.delayedExecutor(period, TimeUnit.NANOSECONDS, this::handOver)
          .execute(this::sweep);
    }
  }

  private void handOver(Runnable sweep) {
    if (!loop.isShuttingDown()) {
      try {
        loop.execute(sweep);
      } catch (RejectedExecutionException e) {
        // It has ended since it was asked, and its connections with it.
      }
    }
  }

  private void sweep() {
    armed = false;
    long now = System.nanoTime();
    new ArrayList<>(connections).forEach(connection -> connection.check(now, limitNanos));
    arm();
  }
}
