package dev.headrace.service;

import dev.headrace.net.StreamLimits;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * What the connections of one proxy on one loop share: their counts, and the sweep that ends those
 * over a limit. Written by the loop's own thread with plain stores; the counts are read by others.
 *
 * <p>The sweep is no timer of the loop's: on io_uring the loop would submit a time-out with every
 * wait. The JDK's own timer hands it over a few times in the shortest limit, while there is a pair.
 */
final class ProxyLoop implements ChannelFutureListener {
  private static final System.Logger LOG = System.getLogger("dev.headrace");
  private static final int SWEEPS_PER_LIMIT = 4;

  final Flow toUpstream = new Flow();
  final Flow toClient = new Flow();
  long accepted;
  int open;
  long connects;
  long connectNanos;
  long longestConnectNanos;
  long refusals;
  long limited;

  private final ProxyLoops proxy;
  private final EventLoop loop;
  private final StreamLimits limits;
  private final Set<ProxyPair> pairs = Collections.newSetFromMap(new IdentityHashMap<>());
  private Future<?> timer;

  ProxyLoop(ProxyLoops proxy, EventLoop loop) {
    this.proxy = proxy;
    this.loop = loop;
    this.limits = proxy.options().limits();
  }

  ProxyLoops proxy() {
    return proxy;
  }

  void accepted(Channel client) {
    accepted++;
    open++;
    client.closeFuture().addListener(this); // itself: one listener for all
  }

  /** A client is closed. */
  @Override
  public void operationComplete(ChannelFuture closed) {
    open--;
  }

  void connected(long nanos) {
    connects++;
    connectNanos += nanos;
    longestConnectNanos = Math.max(longestConnectNanos, nanos);
  }

  /** Holds a pair to the limits; costs nothing where there are none. */
  void watch(Channel client, Channel upstream, Relay toUpstream, Relay toClient) {
    if (!limits.equals(StreamLimits.NONE)) {
      ProxyPair pair = new ProxyPair(this, client, upstream, toUpstream, toClient);
      pairs.add(pair);
      pair.begin();
      arm();
    }
  }

  void unwatch(ProxyPair pair) {
    pairs.remove(pair);
    endIfDone();
  }

  /** Lets the timer go once the proxy accepts no more and its last pair here is gone. */
  void endIfDone() {
    if (timer != null && pairs.isEmpty() && proxy.isStopped()) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void arm() {
    if (timer == null && !pairs.isEmpty()) {
      timer =
          ForkJoinPool.commonPool()
              .schedule(() -> handOver(this::sweep), sweepNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** Has the loop do something, unless it has ended, and all its connections with it. */
  void handOver(Runnable action) {
    if (!loop.isShutdown()) {
      try {
        loop.execute(action);
      } catch (RejectedExecutionException e) {
        LOG.log(Level.TRACE, "the loop has ended since it was asked", e);
      }
    }
  }

  private void sweep() {
    timer = null;
    long now = System.nanoTime();
    for (ProxyPair pair : new ArrayList<>(pairs)) {
      if (pair.isOver(limits, now)) {
        LOG.log(Level.DEBUG, "{0} outlived {1}", pair, limits);
        limited++;
        pair.reset();
      }
    }
    arm();
  }

  private long sweepNanos() {
    long idleNanos = limits.idle().toNanos();
    long lifetimeNanos = limits.lifetime().toNanos();
    long shortest =
        idleNanos == 0 || lifetimeNanos == 0
            ? Math.max(idleNanos, lifetimeNanos)
            : Math.min(idleNanos, lifetimeNanos);
    return Math.max(1, shortest / SWEEPS_PER_LIMIT);
  }
}
