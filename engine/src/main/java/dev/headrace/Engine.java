package dev.headrace;

import dev.headrace.buffer.BufferPool;
import dev.headrace.internal.carrier.HogWatch;
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
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
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
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final Blocking blocking;
  private final HogWatch hogs;
  private final AuxiliaryLoops auxiliary;

  private Engine(EngineOptions options, Transports.Started started) {
    this.options = options;
    this.transport = started.transport();
    this.loops = started.loops();
    this.report = started.report();
    this.blocking = new Blocking(options.name() + "-blocking-");
    this.hogs =
        new HogWatch(
            loops.loops().stream().map(Loop::carrier).toList(),
            options.taskHogLimit(),
            options.name() + "-watch");
    this.auxiliary = new AuxiliaryLoops(options, report, loops, hogs);
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
        allLoops().stream().map(Loop::stats).toList(),
        acceptFaults.failures(),
        datagramFaults.failures(),
        hogs.reported());
  }

  /** The loops, for Netty code that wants to run or register something on them. */
  public EventLoopGroup loops() {
    return loops;
  }

  /**
   * The loop that the caller runs on, as a handler or as a task; elsewhere the next one in turn.
   *
   * @return one of this engine's loops
   */
  public EventLoop loop() {
    return currentOrNext();
  }

  private Loop currentOrNext() {
    return currentOrNext(loops);
  }

  private static Loop currentOrNext(LoopGroup group) {
    Loop current = LoopThread.current();
    return current != null && current.parent() == group ? current : (Loop) group.next();
  }

  /** The loop for a new task: where its maker is, also on an auxiliary loop. */
  private Loop home() {
    Loop current = LoopThread.current();
    return current != null && auxiliary.owns(current) ? current : currentOrNext();
  }

  private List<Loop> allLoops() {
    List<Loop> all = new ArrayList<>(loops.loops());
    all.addAll(auxiliary.started());
    return all;
  }

  /**
   * Whether this host has epoll, whatever the engine's own transport: what needs it lives on {@link
   * #epollLoop}.
   *
   * @return false elsewhere than on Linux, and where Netty's native library is missing
   */
  public boolean hasEpoll() {
    return auxiliary.canStart();
  }

  /**
   * A loop on epoll, for what the engine's own transport cannot do: one of its own where that is
   * epoll, else one of as many auxiliary loops, which the first call starts and {@link #close}
   * ends. They count in {@link #stats} and carry tasks like the others.
   *
   * @return the loop that the caller runs on if it is one, else the next one in turn
   * @throws UnsupportedOperationException when this host has no epoll; the message says why
   */
  public EventLoop epollLoop() {
    return currentOrNext(auxiliary.loops());
  }

  /**
   * Starts a task on the loop that the caller runs on, elsewhere on the next one in turn.
   *
   * @param body what it does
   * @return the task, which runs
   * @throws java.util.concurrent.RejectedExecutionException when the engine is being closed
   */
  public <T> Task<T> spawn(Callable<T> body) {
    return spawnOn(home(), body);
  }

  /**
   * Starts a task that gives nothing.
   *
   * @param body what it does
   * @return the task, which runs
   * @throws java.util.concurrent.RejectedExecutionException when the engine is being closed
   */
  public Task<Void> spawn(Task.Body body) {
    return spawnOn(home(), body);
  }

  /**
   * Starts a task on a loop of its choice.
   *
   * @param loop one of this engine's
   * @param body what it does
   * @return the task, which runs
   * @throws java.util.concurrent.RejectedExecutionException when the engine is being closed
   */
  public Task<Void> spawnOn(EventLoop loop, Task.Body body) {
    return spawnOn(
        loop,
        () -> {
          body.run();
          return null;
        });
  }

  /**
   * Starts a task on a loop of its choice.
   *
   * @param loop one of this engine's
   * @param body what it does
   * @return the task, which runs
   * @throws java.util.concurrent.RejectedExecutionException when the engine is being closed
   */
  public <T> Task<T> spawnOn(EventLoop loop, Callable<T> body) {
    return Task.start(((Loop) loop).carrier(), body);
  }

  /**
   * Makes virtual threads on the loop that the caller runs on, elsewhere on the next one in turn:
   * for code that starts threads of its own, such as {@link
   * dev.headrace.io.Streams#copyBidirectional(dev.headrace.io.ByteStream,
   * dev.headrace.io.ByteStream, ThreadFactory)}.
   *
   * @return a factory that stays with one loop
   */
  public ThreadFactory threadFactory() {
    return home().carrier().factory();
  }

  /**
   * Does work that blocks its thread, such as a native call or the JDK's file I/O, on a thread of
   * its own, while the calling task waits and its loop goes on.
   *
   * @param work what to do
   * @return what it gave
   * @throws InterruptedException when the caller is interrupted; so is the work
   * @throws Exception what the work threw
   */
  public <T> T blocking(Callable<T> work) throws Exception {
    LoopThread.refuse("blocking");
    return blocking.call(work);
  }

  /**
   * Starts such work, and does not wait for it.
   *
   * @param work what to do
   * @return what it gives; cancelling interrupts it, and so does closing the engine
   * @throws java.util.concurrent.RejectedExecutionException when the engine is closed
   */
  public <T> CompletableFuture<T> blockingAsync(Callable<T> work) {
    return blocking.start(work);
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
   * The same on epoll, whatever the engine's own transport; see {@link #epollLoop}.
   *
   * @param local a TCP address, a {@code UnixDomainSocketAddress} or an {@link AbstractUnixAddress}
   * @return a new bootstrap
   * @throws UnsupportedOperationException when this host has no epoll
   */
  public ServerBootstrap epollServerBootstrap(SocketAddress local) {
    ServerBootstrap bootstrap =
        new ServerBootstrap().group(auxiliary.loops()).handler(acceptFaults);
    ChannelTransport.common(bootstrap, options, local instanceof InetSocketAddress);
    auxiliary.transport().prepare(bootstrap, local);
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
    return bootstrap(remote, group, transport);
  }

  private Bootstrap bootstrap(SocketAddress remote, EventLoopGroup group, ChannelTransport on) {
    Bootstrap bootstrap = new Bootstrap().group(group);
    ChannelTransport.common(bootstrap, options, remote instanceof InetSocketAddress);
    on.prepare(bootstrap, remote);
    return bootstrap;
  }

  /**
   * The same on epoll, whatever the engine's own transport; see {@link #epollLoop}.
   *
   * @param remote a TCP address, a {@code UnixDomainSocketAddress} or an {@link
   *     AbstractUnixAddress}
   * @return a new bootstrap
   * @throws UnsupportedOperationException when this host has no epoll
   */
  public Bootstrap epollBootstrap(SocketAddress remote) {
    return bootstrap(remote, (EventLoopGroup) epollLoop(), auxiliary.transport());
  }

  /**
   * A bootstrap that makes a channel of a Unix stream socket that is connected already, on an
   * {@link #epollLoop}: {@code register()} it.
   *
   * @param descriptor the socket, the channel's once it is registered
   * @return a new bootstrap: set the handler, and register
   * @throws UnsupportedOperationException when this host has no epoll
   */
  public Bootstrap epollBootstrap(int descriptor) {
    Bootstrap bootstrap = new Bootstrap().group(epollLoop());
    ChannelTransport.common(bootstrap, options, false);
    return auxiliary.transport().prepareConnected(bootstrap, descriptor);
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
    LoopThread.refuse("listenForDatagrams");
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
    return listen(local, serverBootstrap(local).childHandler(child));
  }

  /**
   * Listens with a bootstrap that is ready but for its address. What the last handler of a
   * connection does not handle, Netty only logs. Blocks until the socket is bound.
   *
   * @param local where, as {@link #listen(SocketAddress, ChannelHandler)} takes it
   * @param bootstrap from {@link #serverBootstrap(SocketAddress)}, with its child handler
   * @return the listener; closing the engine closes it
   * @throws IOException when it cannot be bound; the message names the remedy
   */
  public Listener listen(SocketAddress local, ServerBootstrap bootstrap) throws IOException {
    return listen(local, bootstrap, channel -> {});
  }

  /**
   * The same, with something done to the listening socket before it is bound.
   *
   * @param local where, as {@link #listen(SocketAddress, ChannelHandler)} takes it
   * @param bootstrap with its child handler
   * @param preparation runs on the loop; if it throws, nothing is bound
   * @return the listener; closing the engine closes it
   * @throws IOException when it cannot be prepared or bound
   */
  public Listener listen(SocketAddress local, ServerBootstrap bootstrap, Preparation preparation)
      throws IOException {
    LoopThread.refuse("listen");
    return keep(Listener.bind(bootstrap, local, preparation));
  }

  /** What is done to a socket before it is bound. */
  @FunctionalInterface
  public interface Preparation {
    /**
     * Runs on the channel's loop.
     *
     * @param channel is registered and not bound yet
     * @throws IOException when the socket cannot be what it must be
     */
    void prepare(Channel channel) throws IOException;
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

  /**
   * Stops accepting, tells every connection and UDP socket that the engine drains ({@link
   * Draining}), waits for them to end up to {@link EngineOptions#drainTimeout()}, interrupts the
   * tasks that still run, cuts what is left open, and ends the loops. No thread, descriptor or
   * buffer of the engine is left, but for buffers that the application still holds: their memory
   * goes with the last release. Blocks; a second call, also beside the first, waits until the
   * engine has ended.
   *
   * <p>A task that ignores its interrupt is reported with its stack. If it parks, it goes on off
   * the loops; if it keeps its loop to itself, that loop is given up.
   *
   * <p>Streams see the end of what their peer sends, so that a task which reads to the end ends.
   */
  @Override
  public void close() {
    LoopThread.refuse("close");
    if (allLoops().stream().anyMatch(loop -> loop.carrier().started(Thread.currentThread()))) {
      throw new IllegalStateException(
          "close waits for the engine's tasks, and this is one: close it from another thread");
    }
    if (!closing.compareAndSet(false, true)) {
      ended.join();
      return;
    }
    try {
      end();
    } finally {
      ended.complete(null);
    }
  }

  private void end() {
    LoopGroup auxiliaryLoops = auxiliary.close();
    List<Loop> all = allLoops();
    listeners.forEach(Listener::close);
    List<Future<?>> empty = new ArrayList<>();
    all.forEach(loop -> empty.add(loop.drain()));
    long deadline = System.nanoTime() + options.drainTimeout().toNanos();
    for (Future<?> loop : empty) {
      loop.awaitUninterruptibly(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
    endTasks(all);
    all.forEach(Loop::cut);
    empty.forEach(loop -> loop.awaitUninterruptibly(CUT_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS));
    end(loops);
    if (auxiliaryLoops != null) {
      end(auxiliaryLoops);
    }
    for (Loop loop : all) {
      if (loop.isTerminated()) {
        loop.carrier().rescue(); // what was let go on just when the loop ended
        loop.pool().close();
      } else {
        Thread running = loop.carrier().running();
        warnOfLeft(running == null ? loop.carrier().thread() : running, "has not let its loop end");
      }
    }
    hogs.close();
  }

  /** At once, but for a loop that a task does not let go. */
  private static void end(LoopGroup loops) {
    loops
        .shutdownGracefully(0, CUT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(2 * CUT_TIMEOUT.toMillis());
  }

  /** Before the loops end, which carry them. */
  private void endTasks(List<Loop> all) {
    all.forEach(loop -> loop.carrier().interruptAll());
    blocking.close();
    long deadline = System.nanoTime() + CUT_TIMEOUT.toNanos();
    for (Loop loop : all) {
      for (Thread left : loop.carrier().awaitEnd(deadline)) {
        warnOfLeft(left, "was interrupted and has not ended");
      }
    }
  }

  private static void warnOfLeft(Thread left, String what) {
    System.getLogger("dev.headrace")
        .log(
            System.Logger.Level.WARNING,
            "{0} {1}; it is at {2}",
            left,
            what,
            List.of(left.getStackTrace()));
  }
}
