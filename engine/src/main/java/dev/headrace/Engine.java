package dev.headrace;

import dev.headrace.buffer.BufferPool;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopGroup;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.internal.transport.ChannelTransport;
import dev.headrace.internal.transport.Transports;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The engine: event loops on the best transport that the host offers, and the buffers under them.
 *
 * <pre>{@code
 * try (Engine engine = Engine.start()) {
 *   Listener listener = Echo.serve(engine, new InetSocketAddress("127.0.0.1", 7000));
 *   …
 * }
 * }</pre>
 *
 * <p>Any thread may call any method; {@link #listen} and {@link #close} block, and refuse a loop's
 * own thread.
 */
public final class Engine implements AutoCloseable {
  private static final Duration CUT_TIMEOUT = Duration.ofSeconds(5);
  private static final InetSocketAddress ANY =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final EngineOptions options;
  private final ChannelTransport transport;
  private final LoopGroup loops;
  private final TransportReport report;
  private final ConnectionFaults connectionFaults = new ConnectionFaults();
  private final AcceptFaults acceptFaults = new AcceptFaults();
  private final DatagramFaults datagramFaults = new DatagramFaults();
  private final ConcurrentLinkedQueue<Listener> listeners = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean closing = new AtomicBoolean();

  private Engine(EngineOptions options, Transports.Started started) {
    this.options = options;
    this.transport = started.transport();
    this.loops = started.loops();
    this.report = started.report();
  }

  /**
   * Starts an engine with default options.
   *
   * @return a running engine
   */
  public static Engine start() {
    return start(EngineOptions.defaults());
  }

  /**
   * Starts an engine; blocks until its loops run.
   *
   * @param options how
   * @return a running engine
   * @throws TransportUnavailableException when a transport is demanded that this host lacks
   */
  public static Engine start(EngineOptions options) {
    Engine engine = new Engine(options, Transports.start(options));
    // In order, so that the threads' numbers are the loops'.
    engine.loops.loops().forEach(loop -> loop.submit(() -> {}).syncUninterruptibly());
    return engine;
  }

  /** How this engine was started. */
  public EngineOptions options() {
    return options;
  }

  /** Which transport was picked, and why. */
  public TransportReport report() {
    return report;
  }

  /** The transport in use; never {@link Transport#AUTO}. */
  public Transport transport() {
    return transport.kind();
  }

  /** What the engine has done so far. */
  public EngineStats stats() {
    return new EngineStats(
        loops.loops().stream().map(Loop::stats).toList(),
        acceptFaults.failures(),
        datagramFaults.failures());
  }

  /** The loops, for Netty code that wants to run or register something on them. */
  public EventLoopGroup loops() {
    return loops;
  }

  /**
   * The buffers of the current loop; off the loops, those of the first one.
   *
   * @return a pool that any thread may take from
   */
  public BufferPool pool() {
    BufferPool own = LoopThread.currentPool();
    return own != null ? own : loops.loops().getFirst().pool();
  }

  /**
   * Netty's bootstrap for TCP servers, with this engine's loops, channel class and tuned options.
   *
   * @return a new bootstrap: set the child handler, and bind
   */
  public ServerBootstrap serverBootstrap() {
    return serverBootstrap(ANY);
  }

  /**
   * Netty's bootstrap for servers at an address, tuned.
   *
   * @param local a TCP address, or a {@code UnixDomainSocketAddress}
   * @return a new bootstrap: set the child handler, and {@code bind()}
   */
  public ServerBootstrap serverBootstrap(SocketAddress local) {
    ServerBootstrap bootstrap = new ServerBootstrap().group(loops).handler(acceptFaults);
    ChannelTransport.common(bootstrap, options, local instanceof InetSocketAddress);
    transport.prepare(bootstrap, local);
    return bootstrap;
  }

  /**
   * Netty's bootstrap for TCP clients, with this engine's loops, channel class and tuned options.
   *
   * @return a new bootstrap: set the handler, and connect
   */
  public Bootstrap bootstrap() {
    return bootstrap(ANY, loops);
  }

  /**
   * Netty's bootstrap for clients of an address, tuned.
   *
   * @param remote a TCP address, or a {@code UnixDomainSocketAddress}
   * @return a new bootstrap: set the handler, and {@code connect()}
   */
  public Bootstrap bootstrap(SocketAddress remote) {
    return bootstrap(remote, loops);
  }

  /**
   * The same, on one loop.
   *
   * @param remote a TCP address, or a {@code UnixDomainSocketAddress}
   * @param loop one of this engine's loops, for instance that of another channel
   * @return a new bootstrap
   */
  public Bootstrap bootstrap(SocketAddress remote, EventLoop loop) {
    return bootstrap(remote, (EventLoopGroup) loop);
  }

  private Bootstrap bootstrap(SocketAddress remote, EventLoopGroup group) {
    Bootstrap bootstrap = new Bootstrap().group(group);
    ChannelTransport.common(bootstrap, options, remote instanceof InetSocketAddress);
    transport.prepare(bootstrap, remote);
    return bootstrap;
  }

  /**
   * Netty's bootstrap for UDP sockets, with this engine's loops, channel class and tuned options. A
   * datagram of up to 65,535 bytes is received whole; its buffer is the handler's to release. Who
   * knows that datagrams are shorter may set a smaller {@code RECVBUF_ALLOCATOR}.
   *
   * @param local where to bind: port 0 takes a free port; an IPv6 address makes an IPv6 socket,
   *     whose wildcard takes IPv4 as well
   * @return a new bootstrap: set the handler, and {@code bind()}, or {@code connect} to one peer
   * @throws IllegalArgumentException when it is no resolved {@code InetSocketAddress}
   */
  public Bootstrap datagramBootstrap(SocketAddress local) {
    return datagramBootstrap(local, loops);
  }

  /**
   * The same, on one loop.
   *
   * @param local where to bind
   * @param loop one of this engine's loops
   * @return a new bootstrap
   */
  public Bootstrap datagramBootstrap(SocketAddress local, EventLoop loop) {
    return datagramBootstrap(local, (EventLoopGroup) loop);
  }

  private Bootstrap datagramBootstrap(SocketAddress local, EventLoopGroup group) {
    if (!(local instanceof InetSocketAddress inet) || inet.isUnresolved()) {
      throw new IllegalArgumentException(
          IoFailure.text(local) + " is no resolved address of a host and a port: UDP needs one");
    }
    SocketProtocolFamily family =
        inet.getAddress() instanceof Inet6Address
            ? SocketProtocolFamily.INET6
            : SocketProtocolFamily.INET;
    Bootstrap bootstrap = new Bootstrap().group(group).localAddress(local);
    bootstrap.channelFactory(transport.datagrams(family));
    ChannelTransport.datagrams(bootstrap);
    return bootstrap;
  }

  /**
   * Binds a UDP socket, and gives what it receives to a handler, as {@code DatagramPacket}s on one
   * loop. What goes wrong with a datagram is counted in {@link EngineStats#datagramFailures()} and
   * ends nothing. Blocks until the socket is bound.
   *
   * @param local where; port 0 takes a free port
   * @param handler of this socket alone, or a sharable one
   * @return the listener; closing it, or the engine, closes the socket
   * @throws IOException when it cannot be bound; the message names the remedy
   * @throws IllegalArgumentException when it is no resolved {@code InetSocketAddress}
   */
  public Listener listenForDatagrams(SocketAddress local, ChannelHandler handler)
      throws IOException {
    refuseOnLoop("listenForDatagrams");
    ChannelInitializer<?> socket =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            channel.pipeline().addLast(handler).addLast(datagramFaults);
          }
        };
    return keep(Listener.bind(datagramBootstrap(local).handler(socket), local));
  }

  /**
   * Listens, and gives every connection to a handler. A handler that throws ends its connection;
   * the error is logged once and the loop lives on. Blocks until the socket is bound.
   *
   * @param local a TCP address (port 0 takes a free port), or a {@code UnixDomainSocketAddress} (a
   *     stale socket file is replaced)
   * @param handler a sharable handler, or a {@link ChannelInitializer} that adds one a connection
   * @return the listener; closing the engine closes it
   * @throws IOException when it cannot be bound; the message names the remedy
   */
  public Listener listen(SocketAddress local, ChannelHandler handler) throws IOException {
    refuseOnLoop("listen");
    if (handler instanceof ChannelHandlerAdapter adapter && !adapter.isSharable()) {
      throw new IllegalArgumentException(
          handler.getClass().getName()
              + " serves one connection only: mark it @Sharable, or pass a ChannelInitializer");
    }
    ChannelInitializer<?> child =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            channel.pipeline().addLast(handler).addLast(connectionFaults);
          }
        };
    return keep(Listener.bind(serverBootstrap(local).childHandler(child), local));
  }

  private Listener keep(Listener listener) {
    listeners.add(listener);
    listener.whenClosed(() -> listeners.remove(listener));
    if (closing.get()) {
      listener.close();
      throw new IllegalStateException("the engine is closed");
    }
    return listener;
  }

  private void refuseOnLoop(String operation) {
    for (Loop loop : loops.loops()) {
      if (loop.inEventLoop()) {
        throw new IllegalStateException(
            operation
                + " blocks, and this is the loop's own thread "
                + Thread.currentThread().getName()
                + ": call it from another thread, or use the bootstraps' futures");
      }
    }
  }

  /**
   * Stops accepting, tells every connection and UDP socket that the engine drains ({@link
   * Draining}), waits for them to end up to {@link EngineOptions#drainTimeout()}, cuts the rest,
   * and ends the loops. No thread, descriptor or buffer of the engine is left, but for buffers that
   * the application still holds: their memory goes with the last release. Blocks; a second call
   * does nothing.
   */
  @Override
  public void close() {
    refuseOnLoop("close");
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    listeners.forEach(Listener::close);
    List<Future<?>> empty = new ArrayList<>();
    loops.loops().forEach(loop -> empty.add(loop.drain()));
    long deadline = System.nanoTime() + options.drainTimeout().toNanos();
    for (Future<?> loop : empty) {
      loop.awaitUninterruptibly(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
    loops.loops().forEach(Loop::cut);
    empty.forEach(loop -> loop.awaitUninterruptibly(CUT_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS));
    loops
        .shutdownGracefully(0, CUT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly();
    loops.loops().forEach(loop -> loop.pool().close());
  }
}
