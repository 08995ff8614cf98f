package dev.headrace.net;

import dev.headrace.Engine;
import dev.headrace.Listener;
import dev.headrace.internal.carrier.Carrier;
import dev.headrace.internal.lock.ShortLock;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.ReadGate;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;

/** Accepted streams on their way from the loops to whoever takes them. */
final class Acceptor<S extends SocketStream> {
  private static final System.Logger LOG = System.getLogger("dev.headrace");

  /** As many accepted streams wait here; past that, connections wait in the kernel's backlog. */
  private static final int WAITING_HIGH = 256;

  private static final int WAITING_LOW = 64;

  private final Engine engine;
  private final BiFunction<Engine, StreamCore, S> make;
  private final ListenOptions options;
  private Listener listener;
  private Channel listening;

  private final ShortLock lock = new ShortLock();

  // Guarded by the lock.
  private final ArrayDeque<S> waiting = new ArrayDeque<>();
  private final ArrayDeque<CompletableFuture<S>> takers = new ArrayDeque<>();
  private Serving service;
  private Channel parent;
  private boolean paused;
  private boolean closed;

  Acceptor(Engine engine, BiFunction<Engine, StreamCore, S> make, ListenOptions options) {
    this.engine = engine;
    this.make = make;
    this.options = options;
  }

  void bind(SocketAddress local, ServerBootstrap bootstrap) throws IOException {
    options.backlog().ifPresent(backlog -> bootstrap.option(ChannelOption.SO_BACKLOG, backlog));
    bootstrap.childHandler(
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) throws IOException {
            options.childOptions().apply(channel);
            new Arrival(channel);
          }
        });
    listener =
        engine.listen(
            local,
            bootstrap,
            channel -> {
              listening = channel;
              options.options().apply(channel);
            });
    listener.whenClosed(this::closed);
  }

  /** One connection, from its channel to its stream. */
  private final class Arrival implements Runnable {
    private final S stream;

    Arrival(Channel channel) {
      StreamCore core = new StreamCore(this);
      stream = make.apply(engine, core);
      channel.pipeline().addLast(core);
    }

    @Override
    public void run() {
      arrived(stream);
    }
  }

  Channel channel() {
    return listening;
  }

  Listener listener() {
    return listener;
  }

  private void arrived(S stream) {
    for (; ; ) {
      CompletableFuture<S> taker;
      Serving server;
      lock.lock();
      try {
        taker = takers.poll(); // asked before somebody began to serve, if there is one
        server = taker == null ? service : null;
        if (server == null && taker == null) {
          if (closed) {
            break;
          }
          waiting.add(stream);
          pauseWhenFull(stream.channel().parent());
          return;
        }
      } finally {
        lock.unlock();
      }
      if (server != null) {
        server.begin(stream);
        return;
      }
      if (taker.complete(stream)) {
        return;
      }
    }
    stream.close();
  }

  private void pauseWhenFull(Channel listening) {
    if (!paused && waiting.size() >= WAITING_HIGH) {
      paused = true;
      parent = listening;
      parent.eventLoop().execute(() -> ReadGate.close(parent, ReadGate.Reason.TASK_SLOW));
    }
  }

  private void resumeWhenLow() {
    if (paused && waiting.size() <= WAITING_LOW) {
      paused = false;
      parent.eventLoop().execute(() -> ReadGate.open(parent, ReadGate.Reason.TASK_SLOW));
    }
  }

  S accept() throws IOException {
    return Waiting.await("accept", acceptAsync(), this::giveBack);
  }

  /** Accepted at the moment when its taker was interrupted: the next taker's. */
  private void giveBack(S stream) {
    lock.lock();
    try {
      if (takers.isEmpty() && service == null && !closed) {
        waiting.addFirst(stream);
        return;
      }
    } finally {
      lock.unlock();
    }
    arrived(stream);
  }

  CompletableFuture<S> acceptAsync() {
    CompletableFuture<S> future = new CompletableFuture<>();
    S stream = null;
    boolean waits = false;
    lock.lock();
    try {
      if (service != null) {
        throw new IllegalStateException("this listener serves: what it accepts is the service's");
      }
      if (!waiting.isEmpty()) {
        stream = waiting.poll();
        resumeWhenLow();
      } else if (!closed) {
        takers.add(future);
        waits = true;
      }
    } finally {
      lock.unlock();
    }
    if (waits) {
      future.whenComplete((taken, failure) -> forget(future, failure));
    } else if (stream == null) {
      future.completeExceptionally(new ClosedChannelException());
    } else {
      future.complete(stream);
    }
    return future;
  }

  /** Who gave up must not be found by each later connection, nor kept if none comes. */
  private void forget(CompletableFuture<S> taker, Throwable failure) {
    lock.lock();
    try {
      if (failure != null) {
        takers.remove(taker);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Serves until the listener is closed or the caller is interrupted. */
  void serve(StreamService<? super S> with, StreamLimits limits) throws IOException {
    ArrayDeque<S> early;
    try (LimitSweep sweep = new LimitSweep(limits)) {
      Serving serving = new Serving(with, sweep);
      lock.lock();
      try {
        if (service != null) {
          throw new IllegalStateException("this listener serves already");
        }
        service = serving;
        early = new ArrayDeque<>(waiting);
        waiting.clear();
        resumeWhenLow();
      } finally {
        lock.unlock();
      }
      early.forEach(serving::begin);
      CompletableFuture<Void> end = new CompletableFuture<>();
      listener.whenClosed(() -> end.complete(null));
      Waiting.await("serve", end, nothing -> {});
    } catch (InterruptedIOException e) {
      lock.lock();
      try {
        service = null;
      } finally {
        lock.unlock();
      }
      throw e;
    }
  }

  /** What each connection is given to. */
  private final class Serving {
    private final StreamService<? super S> service;
    private final LimitSweep sweep;

    Serving(StreamService<? super S> service, LimitSweep sweep) {
      this.service = service;
      this.sweep = sweep;
    }

    void begin(S stream) {
      Carrier carrier = ((Loop) stream.channel().eventLoop()).carrier();
      Served<S> served = new Served<>(stream, service, sweep, carrier);
      try {
        carrier.start(carrier.unstarted(served), served);
      } catch (RejectedExecutionException e) {
        stream.abort();
      }
    }
  }

  /**
   * What the thread of one connection runs. It parks within {@link #run}, whose frame is memory of
   * an idle connection: what is done before and after is elsewhere.
   */
  private record Served<S extends SocketStream>(
      S stream, StreamService<? super S> service, LimitSweep sweep, Carrier carrier)
      implements Runnable {
    @Override
    public void run() {
      try {
        service.serve(began());
        ended(null);
      } catch (Throwable e) {
        ended(e);
      }
    }

    private S began() {
      sweep.began(stream);
      return stream;
    }

    private void ended(Throwable failure) {
      stream.close();
      sweep.ended(stream);
      carrier.ended();
      if (failure instanceof IOException || failure instanceof InterruptedException) {
        // The peer vanished, or the engine is being closed: no fault of the service.
        LOG.log(Level.DEBUG, "{0} ends: {1}", stream, failure);
      } else if (failure != null) {
        LOG.log(Level.ERROR, "a service failed; " + stream + " is closed", failure);
      }
    }
  }

  private void closed() {
    ArrayDeque<CompletableFuture<S>> nobody;
    ArrayDeque<S> unwanted;
    lock.lock();
    try {
      closed = true;
      nobody = new ArrayDeque<>(takers);
      takers.clear();
      unwanted = new ArrayDeque<>(waiting);
      waiting.clear();
    } finally {
      lock.unlock();
    }
    nobody.forEach(taker -> taker.completeExceptionally(new ClosedChannelException()));
    unwanted.forEach(SocketStream::close);
  }
}
