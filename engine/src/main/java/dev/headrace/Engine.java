package dev.headrace;

import dev.headrace.buffer.BufferPool;
import dev.headrace.internal.carrier.HogWatch;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopGroup;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.internal.transport.Transports;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;

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
  private final EngineOptions options;
  private final LoopGroup loops;
  private final TransportReport report;
  private final ConnectionFaults connectionFaults = new ConnectionFaults();
  private final AcceptFaults acceptFaults = new AcceptFaults();
  private final DatagramFaults datagramFaults = new DatagramFaults();
  private final Blocking blocking;
  private final HogWatch hogs;
  private final EpollLoops epoll;
  private final Bootstraps bootstraps;
  private final Shutdown shutdown;

  private Engine(EngineOptions options, Transports.Started started) {
    this.options = options;
    this.loops = started.loops();
    this.report = started.report();
    this.blocking = new Blocking(options.name() + "-blocking-");
    this.hogs =
        new HogWatch(
            loops.loops().stream().map(Loop::carrier).toList(),
            options.taskHogLimit(),
            options.name() + "-watch");
    this.epoll = new EpollLoops(options, report, loops, hogs, acceptFaults);
    this.bootstraps = new Bootstraps(options, started.transport(), acceptFaults);
    this.shutdown = new Shutdown(options.drainTimeout(), loops, epoll, blocking, hogs);
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
    return bootstraps.transport().kind();
  }

  /** What the engine has done so far. */
  public EngineStats stats() {
    return new EngineStats(
        Stream.concat(loops.loops().stream(), epoll.started().stream()).map(Loop::stats).toList(),
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
    return loops.currentOrNext();
  }

  /** The loop for a new task: where its maker is, also on an auxiliary loop. */
  private Loop home() {
    Loop current = LoopThread.current();
    return current != null && epoll.owns(current) ? current : loops.currentOrNext();
  }

  /**
   * Whether this host has epoll, whatever the engine's own transport: what needs it lives on {@link
   * #epoll}.
   *
   * @return false elsewhere than on Linux, and where Netty's native library is missing
   */
  public boolean hasEpoll() {
    return epoll.canStart();
  }

  /** Loops on epoll, for what the engine's own transport cannot do. */
  public EpollLoops epoll() {
    return epoll;
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
    return serverBootstrap(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  /**
   * Netty's bootstrap for servers at an address, tuned.
   *
   * @param local a TCP address, or a {@code UnixDomainSocketAddress}
   * @return a new bootstrap: set the child handler, and {@code bind()}
   */
  public ServerBootstrap serverBootstrap(SocketAddress local) {
    return bootstraps.server(loops, local);
  }

  /**
   * Netty's bootstrap for clients of an address, tuned.
   *
   * @param remote a TCP address, or a {@code UnixDomainSocketAddress}
   * @return a new bootstrap: set the handler, and {@code connect()}
   */
  public Bootstrap bootstrap(SocketAddress remote) {
    return bootstraps.client(loops, remote);
  }

  /**
   * The same, on one loop.
   *
   * @param remote a TCP address, or a {@code UnixDomainSocketAddress}
   * @param loop one of this engine's loops, for instance that of another channel
   * @return a new bootstrap
   */
  public Bootstrap bootstrap(SocketAddress remote, EventLoop loop) {
    return bootstraps.client(loop, remote);
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
    return bootstraps.datagrams(loops, local);
  }

  /**
   * The same, on one loop.
   *
   * @param local where to bind
   * @param loop one of this engine's loops
   * @return a new bootstrap
   */
  public Bootstrap datagramBootstrap(SocketAddress local, EventLoop loop) {
    return bootstraps.datagrams(loop, local);
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
    ChannelHandler socket = Bootstraps.pipeline(handler, datagramFaults);
    return shutdown.keep(Listener.bind(datagramBootstrap(local).handler(socket), local));
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
    ChannelHandler child = Bootstraps.pipeline(handler, connectionFaults);
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
  public Listener listen(
      SocketAddress local, ServerBootstrap bootstrap, Listener.Preparation preparation)
      throws IOException {
    LoopThread.refuse("listen");
    return shutdown.keep(Listener.bind(bootstrap, local, preparation));
  }

  /**
   * Stops accepting, tells every connection and UDP socket that the engine drains ({@link
   * Draining}), waits for them to end up to {@link EngineOptions#drainTimeout()}, interrupts the
   * tasks that still run, cuts what is left open, and ends the loops. No thread, descriptor or
   * buffer of the engine is left, but for buffers that the application still holds: their memory
   * goes with the last release. Blocks; a second call, also beside the first, waits until the
   * engine has ended.
   *
   * <p>A TCP connection that is open after the drain timeout and has not ended its output is reset,
   * also where a task that was interrupted closes it: its peer does not take what arrived for a
   * whole stream. A Unix socket knows no reset, and its peer sees an end.
   *
   * <p>A task that ignores its interrupt is reported with its stack. If it parks, it goes on off
   * the loops; if it keeps its loop to itself, that loop is given up.
   *
   * <p>Accepted streams see the end of what their peer sends, so that a task which reads to the end
   * ends.
   */
  @Override
  public void close() {
    shutdown.run();
  }
}
