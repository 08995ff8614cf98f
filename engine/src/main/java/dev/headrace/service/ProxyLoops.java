package dev.headrace.service;

import dev.headrace.Engine;
import io.netty.channel.EventLoop;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;

/** One proxy on all its loops. Any thread may call any method. */
final class ProxyLoops {
  private final Engine engine;
  private final ProxyOptions options;
  private final Upstreams upstreams;
  private final Map<EventLoop, ProxyLoop> loops = new ConcurrentHashMap<>();
  private volatile boolean stopped;

  ProxyLoops(Engine engine, ProxyOptions options) {
    this.engine = engine;
    this.options = options;
    this.upstreams = new Upstreams(options);
  }

  Engine engine() {
    return engine;
  }

  ProxyOptions options() {
    return options;
  }

  Upstreams upstreams() {
    return upstreams;
  }

  ProxyLoop on(EventLoop loop) {
    return loops.computeIfAbsent(loop, own -> new ProxyLoop(this, own));
  }

  /** No more clients come. */
  void stop() {
    stopped = true;
    loops.values().forEach(loop -> loop.handOver(loop::endIfDone));
  }

  boolean isStopped() {
    return stopped;
  }

  ProxyStats stats() {
    return new ProxyStats(
        sum(loop -> loop.toUpstream.bytes),
        sum(loop -> loop.toClient.bytes),
        sum(loop -> loop.toUpstream.splicedBytes + loop.toClient.splicedBytes),
        sum(loop -> loop.accepted),
        (int) sum(loop -> loop.open),
        sum(loop -> loop.connects),
        sum(loop -> loop.connectNanos),
        loops.values().stream().mapToLong(loop -> loop.longestConnectNanos).max().orElse(0),
        (int) sum(loop -> loop.toUpstream.spliced + loop.toClient.spliced),
        sum(loop -> loop.toUpstream.resets + loop.toClient.resets),
        sum(loop -> loop.refusals),
        sum(loop -> loop.limited),
        upstreams.stats());
  }

  private long sum(ToLongFunction<ProxyLoop> count) {
    Collection<ProxyLoop> all = loops.values();
    return all.stream().mapToLong(count).sum();
  }
}
