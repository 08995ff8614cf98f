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
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
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
  private final ConcurrentLinkedQueue<Listener> listeners = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final Blocking blocking;
  private final HogWatch hogs;

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
        loops.loops().stream().map(Loop::stats).toList(), acceptFaults.failures(), hogs.reported());
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
    Loop current = LoopThread.current();
    return current != null && current.parent() == loops ? current : (Loop) loops.next();
  }

  /**
   * Starts a task on the loop that the caller runs on, elsewhere on the next one in turn.
   *
   * @param body what it does
   * @return the task, which runs
   * @throws java.util.concurrent.RejectedExecutionException when the engine is being closed
   */
  public <T> Task<T> spawn(Callable<T> body) {
    return Task.start(currentOrNext().carrier(), body);
  }

  /**
   * Starts a task that gives nothing.
   *
   * @param body what it does
   * @return the task, which runs
   * @throws java.util.concurrent.RejectedExecutionException when the engine is being closed
   */
  public Task<Void> spawn(Task.Body body) {
    return spawnOn(currentOrNext(), body);
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
    return Task.start(
        ((Loop) loop).carrier(),
        () -> {
          body.run();
          return null;
        });
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
    LoopThread.refuse("listen");
    Listener listener = Listener.bind(bootstrap, local);
    listeners.add(listener);
    listener.whenClosed(() -> listeners.remove(listener));
    if (closing.get()) {
      listener.close();
      throw new IllegalStateException("the engine is closed");
    }
    return listener;
  }

  /**
   * Stops accepting, tells every connection that the engine drains ({@link Draining}), waits for
   * them to end up to {@link EngineOptions#drainTimeout()}, interrupts the tasks that still run,
   * cuts the connections that are left, and ends the loops. No thread, descriptor or buffer of the
   * engine is left, but for buffers that the application still holds: their memory goes with the
   * last release. Blocks; a second call, also beside the first, waits until the engine has ended.
   *
   * <p>A task that ignores its interrupt is reported with its stack. If it parks, it goes on off
   * the loops; if it keeps its loop to itself, that loop is given up.
   *
   * <p>Streams see the end of what their peer sends, so that a task which reads to the end ends.
   */
  @Override
  public void close() {
    LoopThread.refuse("close");
    if (loops.loops().stream().anyMatch(loop -> loop.carrier().started(Thread.currentThread()))) {
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
    listeners.forEach(Listener::close);
    List<Future<?>> empty = new ArrayList<>();
    loops.loops().forEach(loop -> empty.add(loop.drain()));
    long deadline = System.nanoTime() + options.drainTimeout().toNanos();
    for (Future<?> loop : empty) {
      loop.awaitUninterruptibly(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
    endTasks();
    loops.loops().forEach(Loop::cut);
    empty.forEach(loop -> loop.awaitUninterruptibly(CUT_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS));
    // It ends at once, but for a loop that a task does not let go.
    loops
        .shutdownGracefully(0, CUT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(2 * CUT_TIMEOUT.toMillis());
    for (Loop loop : loops.loops()) {
      if (loop.isTerminated()) {
        loop.pool().close();
      } else {
        Thread running = loop.carrier().running();
        warnOfLeft(running == null ? loop.carrier().thread() : running, "has not let its loop end");
      }
    }
    hogs.close();
  }

  /** Before the loops end, which carry them. */
  private void endTasks() {
    loops.loops().forEach(loop -> loop.carrier().interruptAll());
    blocking.close();
    long deadline = System.nanoTime() + CUT_TIMEOUT.toNanos();
    for (Loop loop : loops.loops()) {
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
