package dev.headrace;

import dev.headrace.internal.carrier.HogWatch;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopGroup;
import dev.headrace.internal.transport.ChannelTransport;
import dev.headrace.internal.transport.Transports;
import java.util.List;

/**
 * Epoll loops for what an engine's own transport cannot do. On an epoll engine they are its own;
 * elsewhere they are started when something first needs them, and end with the engine. Any thread
 * may call any method.
 */
final class AuxiliaryLoops {
  private final EngineOptions options;
  private final TransportReport.Entry epoll;
  private final HogWatch hogs;
  private final ChannelTransport transport = Transports.of(Transport.EPOLL);
  private final LoopGroup own;

  // Guarded by this.
  private LoopGroup started;
  private boolean closed;

  AuxiliaryLoops(EngineOptions options, TransportReport report, LoopGroup own, HogWatch hogs) {
    this.options = options;
    this.epoll = report.entry(Transport.EPOLL);
    this.own = report.picked() == Transport.EPOLL ? own : null;
    this.hogs = hogs;
  }

  boolean canStart() {
    return own != null || epoll.available();
  }

  ChannelTransport transport() {
    return transport;
  }

  LoopGroup loops() {
    if (own != null) {
      return own;
    }
    if (!canStart()) {
      throw new UnsupportedOperationException("this needs epoll: " + epoll.reason());
    }
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("the engine is closed");
      }
      if (started == null) {
        started = new LoopGroup(transport, options);
        // In order, so that the threads' numbers are the loops'. Nobody waits: a task may be here.
        started.loops().forEach(loop -> loop.execute(() -> {}));
        hogs.watch(started.loops().stream().map(Loop::carrier).toList());
      }
      return started;
    }
  }

  /** Those that are not the engine's own; none before the first use. */
  synchronized List<Loop> started() {
    return started == null ? List.of() : started.loops();
  }

  boolean owns(Loop loop) {
    return started().contains(loop);
  }

  /** Starts none any more. */
  synchronized LoopGroup close() {
    closed = true;
    return started;
  }
}
