package dev.headrace;

import dev.headrace.internal.carrier.HogWatch;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopGroup;
import dev.headrace.internal.loop.LoopThread;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * Ends an engine, once: its listeners, then its connections, its tasks and its loops. Any thread
 * may call any method.
 */
final class Shutdown {
  private static final Duration CUT_TIMEOUT = Duration.ofSeconds(5);

  private final Duration drainTimeout;
  private final LoopGroup loops;
  private final EpollLoops epoll;
  private final Blocking blocking;
  private final HogWatch hogs;
  private final ConcurrentLinkedQueue<Listener> listeners = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean begun = new AtomicBoolean();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  Shutdown(
      Duration drainTimeout, LoopGroup loops, EpollLoops epoll, Blocking blocking, HogWatch hogs) {
    this.drainTimeout = drainTimeout;
    this.loops = loops;
    this.epoll = epoll;
    this.blocking = blocking;
    this.hogs = hogs;
  }

  /** Closes a listener with the engine; at once, and fails, if that is closed already. */
  Listener keep(Listener listener) {
    listeners.add(listener);
    listener.whenClosed(() -> listeners.remove(listener));
    if (begun.get()) {
      listener.close();
      throw new IllegalStateException("the engine is closed");
    }
    return listener;
  }

  /** Returns when all has ended, whoever began it. */
  void run() {
    LoopThread.refuse("close");
    if (Stream.concat(loops.loops().stream(), epoll.started().stream())
        .anyMatch(loop -> loop.carrier().started(Thread.currentThread()))) {
      throw new IllegalStateException(
          "close waits for the engine's tasks, and this is one: close it from another thread");
    }
    if (!begun.compareAndSet(false, true)) {
      ended.join();
      return;
    }
    try {
      LoopGroup auxiliary = epoll.close();
      end(auxiliary == null ? List.of(loops) : List.of(loops, auxiliary));
    } finally {
      ended.complete(null);
    }
  }

  private void end(List<LoopGroup> groups) {
    List<Loop> all = groups.stream().flatMap(group -> group.loops().stream()).toList();
    listeners.forEach(Listener::close);
    List<Future<?>> empty = all.stream().<Future<?>>map(Loop::drain).toList();
    await(empty, drainTimeout);
    all.forEach(Loop::overdue); // before the tasks: what they close has not said all
    endTasks(all);
    loops.files().closeAll(CUT_TIMEOUT.toNanos());
    loops.files().closeThreads(CUT_TIMEOUT.toNanos());
    all.forEach(Loop::cut);
    await(empty, CUT_TIMEOUT);
    groups.forEach(Shutdown::endLoops);
    all.forEach(Shutdown::freePool);
    hogs.close();
  }

  private static void await(List<Future<?>> all, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    for (Future<?> one : all) {
      one.awaitUninterruptibly(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    }
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

  /** At once, but for a loop that a task does not let go. */
  private static void endLoops(LoopGroup loops) {
    loops
        .shutdownGracefully(0, CUT_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(2 * CUT_TIMEOUT.toMillis());
  }

  private static void freePool(Loop loop) {
    if (loop.isTerminated()) {
      loop.carrier().rescue(); // what was let go on just when the loop ended
      loop.pool().close();
    } else {
      Thread running = loop.carrier().running();
      warnOfLeft(running == null ? loop.carrier().thread() : running, "has not let its loop end");
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
