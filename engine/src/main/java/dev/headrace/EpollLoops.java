package dev.headrace;

import dev.headrace.internal.carrier.HogWatch;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopGroup;
import dev.headrace.internal.transport.Transports;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoop;
import java.net.SocketAddress;
import java.util.List;

/**
 * Loops on epoll, for what an engine's own transport cannot do: its own where that is epoll, else
 * as many auxiliary ones, which whatever first needs them starts and {@link Engine#close} ends.
 * They count in {@link Engine#stats} and carry tasks like the others. Any thread may call any
 * method.
 */
public final class EpollLoops {
  private final EngineOptions options;
  private final TransportReport.Entry epoll;
  private final HogWatch hogs;
  private final Bootstraps bootstraps;
  private final LoopGroup own;

  // Written under the monitor, which no loop waits for: who only asks takes no lock.
  private volatile LoopGroup started;
  private boolean closed;

  EpollLoops(
      EngineOptions options,
      TransportReport report,
      LoopGroup loops,
      HogWatch hogs,
      AcceptFaults acceptFaults) {
    this.options = options;
    this.epoll = report.entry(Transport.EPOLL);
    this.hogs = hogs;
    this.bootstraps = new Bootstraps(options, Transports.of(Transport.EPOLL), acceptFaults);
    this.own = report.picked() == Transport.EPOLL ? loops : null;
  }

  /**
   * One of them.
   *
   * @return the loop that the caller runs on if it is one, else the next one in turn
   * @throws UnsupportedOperationException when this host has no epoll; the message says why
   */
  public EventLoop loop() {
    return group().currentOrNext();
  }

  /**
   * As {@link Engine#serverBootstrap(SocketAddress)}.
   *
   * @param local a TCP address, a {@code UnixDomainSocketAddress} or an {@link AbstractUnixAddress}
   * @return a new bootstrap
   * @throws UnsupportedOperationException when this host has no epoll
   */
  public ServerBootstrap serverBootstrap(SocketAddress local) {
    return bootstraps.server(group(), local);
  }

  /**
   * As {@link Engine#bootstrap(SocketAddress)}, on {@link #loop}.
   *
   * @param remote a TCP address, a {@code UnixDomainSocketAddress} or an {@link
   *     AbstractUnixAddress}
   * @return a new bootstrap
   * @throws UnsupportedOperationException when this host has no epoll
   */
  public Bootstrap bootstrap(SocketAddress remote) {
    return bootstraps.client(loop(), remote);
  }

  /**
   * A bootstrap that makes a channel of a Unix stream socket that is connected already, on {@link
   * #loop}: {@code register()} it.
   *
   * @param descriptor the socket, the channel's once it is registered
   * @return a new bootstrap: set the handler, and register
   * @throws UnsupportedOperationException when this host has no epoll
   */
  public Bootstrap bootstrap(int descriptor) {
    return bootstraps.connected(loop(), descriptor);
  }

  boolean canStart() {
    return own != null || epoll.available();
  }

  private LoopGroup group() {
    if (own != null) {
      return own;
    }
    if (!canStart()) {
      throw new UnsupportedOperationException("this needs epoll: " + epoll.reason());
    }
    LoopGroup running = started;
    return running != null ? running : start();
  }

  private synchronized LoopGroup start() {
    if (closed) {
      throw new IllegalStateException("the engine is closed");
    }
    if (started == null) {
      LoopGroup group = new LoopGroup(bootstraps.transport(), options);
      // In order, so that the threads' numbers are the loops'. Nobody waits: a task may be here.
      group.loops().forEach(loop -> loop.execute(() -> {}));
      hogs.watch(group.loops().stream().map(Loop::carrier).toList());
      started = group;
    }
    return started;
  }

  /** Those that are not the engine's own; none before the first use. */
  List<Loop> started() {
    LoopGroup running = started;
    return running == null ? List.of() : running.loops();
  }

  boolean owns(Loop loop) {
    return started().contains(loop);
  }

  /** Starts none any more. Gives those that are not the engine's own; null where none are. */
  synchronized LoopGroup close() {
    closed = true;
    return started;
  }
}
