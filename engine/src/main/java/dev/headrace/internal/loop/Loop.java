package dev.headrace.internal.loop;

import dev.headrace.Draining;
import dev.headrace.EngineOptions;
import dev.headrace.EngineStats;
import dev.headrace.Transport;
import dev.headrace.buffer.BufferPool;
import dev.headrace.internal.carrier.Carrier;
import dev.headrace.internal.carrier.Carrying;
import dev.headrace.internal.splice.Pipes;
import dev.headrace.internal.transport.ChannelTransport;
import dev.headrace.internal.transport.DirectSockets;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelPromise;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * One event loop: one thread, one ring or selector, one buffer pool. Every channel registers here,
 * whichever bootstrap made it, so that the loop knows its connections: it counts them, pauses their
 * reading when its pool runs short, and drains them at the end.
 */
public final class Loop extends SingleThreadIoEventLoop {
  private final LoopMeter meter;
  private final BufferPool pool;
  private final DirectSockets sockets;
  private final Pipes pipes;
  private final Carrier carrier;
  private final Transport transport;
  private final String name;
  private volatile Supplier<EngineStats.Files> fileStats = () -> EngineStats.Files.NONE;
  private volatile boolean overdue;
  private final ChannelFutureListener onRegistered = this::registered;
  private final ChannelFutureListener onClosed = this::closed;

  // Confined to the loop's thread: an identity map costs two references a channel, and no entry.
  private final Set<Channel> channels = Collections.newSetFromMap(new IdentityHashMap<>());
  private boolean poolShort;
  private Promise<Void> drained;

  private Loop(
      IoEventLoopGroup parent,
      Executor executor,
      ChannelTransport transport,
      EngineOptions options,
      LoopMeter meter,
      PoolHolder holder,
      String name) {
    this.meter = meter; // before super(): it calls newTaskQueue()
    super(
        parent,
        executor,
        own ->
            new MeteredIoHandler(
                transport
                    .handlerFactory(holder.poolOf(own), holder.sockets, options)
                    .newHandler(own),
                meter));
    this.pool = holder.pool;
    this.sockets = holder.sockets;
    this.pipes = new Pipes(sockets);
    this.carrier = new Carrier(this, this::executeAfterEventLoopIteration);
    this.transport = transport.kind();
    this.name = name;
    holder.loop = this;
  }

  static Loop create(
      IoEventLoopGroup parent,
      Executor executor,
      ChannelTransport transport,
      EngineOptions options,
      String name) {
    return new Loop(
        parent,
        executor,
        transport,
        options,
        new LoopMeter(),
        new PoolHolder(transport, options.poolBytesPerLoop()),
        name);
  }

  @Override
  protected void run() {
    ((LoopThread) Thread.currentThread()).loop = this;
    carrier.bind();
    super.run();
    pipes.close();
  }

  /** The buffers of this loop. */
  public BufferPool pool() {
    return pool;
  }

  /** What bytes are spliced through on this loop. */
  public Pipes pipes() {
    return pipes;
  }

  /** What this loop runs on. */
  public Transport transport() {
    return transport;
  }

  /** Runs tasks on this loop's thread. */
  public Carrier carrier() {
    return carrier;
  }

  @Override
  protected Queue<Runnable> newTaskQueue(int maxPendingTasks) {
    return new MeteredTaskQueue(super.newTaskQueue(maxPendingTasks), meter);
  }

  @Override
  public ChannelFuture register(ChannelPromise promise) {
    return super.register(promise).addListener(onRegistered);
  }

  private void registered(ChannelFuture registration) {
    Channel channel = registration.channel();
    if (!registration.isSuccess() || !channels.add(channel)) {
      return;
    }
    if (isConnection(channel)) {
      meter.opened(channel.parent() != null);
      if (poolShort) {
        ReadGate.close(channel, ReadGate.Reason.POOL_SHORT);
      }
    }
    channel.closeFuture().addListener(onClosed);
    if (drained != null) {
      channel.pipeline().fireUserEventTriggered(Draining.BEGUN);
    }
  }

  /** Neither listeners nor UDP sockets are connections: they are not counted, and use no pool. */
  private static boolean isConnection(Channel channel) {
    return !(channel instanceof ServerChannel || channel instanceof DatagramChannel);
  }

  private void closed(ChannelFuture closing) {
    if (channels.remove(closing.channel()) && isConnection(closing.channel())) {
      meter.connectionClosed();
    }
    if (drained != null && channels.isEmpty()) {
      drained.trySuccess(null);
    }
  }

  /**
   * Stops accepting, and tells every connection and UDP socket that the engine drains.
   *
   * @return done when the last channel of this loop is closed
   */
  public Future<Void> drain() {
    Promise<Void> promise = newPromise();
    execute(
        () -> {
          drained = promise;
          if (channels.isEmpty()) {
            promise.setSuccess(null);
          }
          for (Channel channel : channels()) {
            if (channel instanceof ServerChannel) {
              channel.close();
            } else {
              channel.pipeline().fireUserEventTriggered(Draining.BEGUN);
            }
          }
        });
    return promise;
  }

  /**
   * The time to drain is over: a TCP connection that is open now, and has not ended its output, is
   * reset by whoever closes it.
   */
  public void overdue() {
    overdue = true; // at once: a task may hold the loop
    execute(() -> channels().forEach(Cut::prepare));
  }

  boolean isOverdue() {
    return overdue;
  }

  /** Closes every channel of this loop, whatever it still has to send. */
  public void cut() {
    execute(() -> channels().forEach(Loop::cut));
  }

  private static void cut(Channel channel) {
    if (isConnection(channel)) {
      Cut.prepare(channel);
      // Past its handlers: one might wait, or say a goodbye, as TLS does.
      channel.unsafe().close(channel.unsafe().voidPromise());
    } else {
      channel.close();
    }
  }

  /** The channels of this loop now: a copy, since what is done to one may close another. */
  private List<Channel> channels() {
    assert carrier.isCurrent() : "a loop's channels are its own: ask on its thread: execute(…)";
    return new ArrayList<>(channels);
  }

  /** Does what the pool says now: what was announced may have been overtaken. */
  private void heedPool() {
    boolean nowShort = pool.isShort();
    if (nowShort == poolShort) {
      return;
    }
    poolShort = nowShort;
    for (Channel channel : channels()) {
      if (!isConnection(channel)) {
        continue;
      }
      if (nowShort) {
        ReadGate.close(channel, ReadGate.Reason.POOL_SHORT);
      } else {
        ReadGate.open(channel, ReadGate.Reason.POOL_SHORT);
      }
    }
  }

  /** Whom to ask what this loop has done to files. */
  public void fileStats(Supplier<EngineStats.Files> stats) {
    fileStats = stats;
  }

  /** What this loop has done; any thread may ask. */
  public EngineStats.Loop stats() {
    return meter.snapshot(name, carrier.alive(), pool.stats(), fileStats.get(), ring());
  }

  private Optional<EngineStats.Ring> ring() {
    return transport == Transport.IO_URING ? Optional.of(sockets.ringStats()) : Optional.empty();
  }

  /** Netty makes the I/O handler inside the loop's constructor, and the handler needs the pool. */
  private static final class PoolHolder implements BufferPool.Pressure {
    private final ChannelTransport transport;
    private final long poolBytes;
    private final DirectSockets sockets = new DirectSockets();
    private BufferPool pool;
    private Loop loop;

    PoolHolder(ChannelTransport transport, long poolBytes) {
      this.transport = transport;
      this.poolBytes = poolBytes;
    }

    BufferPool poolOf(ThreadAwareExecutor own) {
      pool =
          new BufferPool(
              () -> own.isExecutorThread(Carrying.currentCarrier()),
              ChannelTransport.BUFFER_SIZE_BYTES,
              poolBytes,
              this);
      return pool;
    }

    @Override
    public void shortage() {
      // At once, not as a task: one turn of the loop may receive many times what the pool holds.
      loop.heedPool();
    }

    @Override
    public void relief() {
      if (!loop.isShuttingDown()) {
        try {
          loop.execute(loop::heedPool);
        } catch (RejectedExecutionException e) {
          // It has ended since it was asked: nothing reads there any more.
        }
      }
    }
  }
}
