package dev.headrace.internal.carrier;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;

/**
 * Runs virtual threads on the thread of one loop. Those that can go on wait in a queue of its own,
 * which one task of the loop drains: what wakes on the loop goes through no concurrent queue and no
 * wake-up. What the tasks wrote is flushed once a drain.
 *
 * <p>A drain runs what was ready when it began. What becomes ready meanwhile waits for the next
 * one, with the loop's I/O between: two tasks that wake each other for ever starve nobody.
 */
public final class Carrier implements Executor {
  private final Executor loop;
  private final Thread.Builder.OfVirtual threads;
  private final Runnable drain = this::drain;

  // Confined to the loop's thread.
  private Thread thread;
  private final ArrayDeque<Runnable> ready = new ArrayDeque<>();
  private ArrayList<Runnable> flushes = new ArrayList<>();
  private ArrayList<Runnable> flushing = new ArrayList<>();
  private boolean scheduled;

  // Written by the loop's thread alone, read by the watch.
  private static final VarHandle STRETCH;
  private long stretch;

  static {
    try {
      STRETCH = MethodHandles.lookup().findVarHandle(Carrier.class, "stretch", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Those that have not ended, guarded by itself. */
  private final Set<Thread> alive = Collections.newSetFromMap(new IdentityHashMap<>());

  private boolean closed; // guarded by `alive`

  /**
   * A carrier.
   *
   * @param loop runs what it is given on the loop's thread, in order
   */
  public Carrier(Executor loop) {
    this.loop = loop;
    this.threads = Carrying.threadsOn(this);
  }

  /** Called first on the loop's thread. */
  public void bind() {
    thread = Thread.currentThread();
  }

  /**
   * Whether the caller runs on the loop's thread: as itself, or as a virtual thread carried by it.
   */
  public boolean isCurrent() {
    return Carrying.currentCarrier() == thread;
  }

  /**
   * Starts a virtual thread.
   *
   * @param body what it runs; must not throw
   * @return the thread
   * @throws RejectedExecutionException when the loop is being closed
   */
  public Thread start(Runnable body) {
    Thread started = threads.unstarted(body);
    synchronized (alive) {
      if (closed) {
        throw new RejectedExecutionException("the engine is closed: it starts no more tasks");
      }
      alive.add(started);
    }
    started.start();
    return started;
  }

  /** Called last by each thread that {@link #start} started. */
  public void ended() {
    synchronized (alive) {
      alive.remove(Thread.currentThread());
      if (closed && alive.isEmpty()) {
        alive.notifyAll();
      }
    }
  }

  /** Makes threads of this carrier, for code that takes a factory. */
  public ThreadFactory factory() {
    return body ->
        threads.unstarted(
            () -> {
              synchronized (alive) {
                alive.add(Thread.currentThread());
                if (closed) {
                  Thread.currentThread().interrupt();
                }
              }
              try {
                body.run();
              } finally {
                ended();
              }
            });
  }

  /** How many threads have not ended. */
  public int alive() {
    synchronized (alive) {
      return alive.size();
    }
  }

  /** Runs on the loop's thread, once what runs now has had its turn. */
  public void flushLater(Runnable flush) {
    if (isCurrent()) {
      flushes.add(flush);
      schedule();
    } else {
      loop.execute(flush);
    }
  }

  /** Lets a virtual thread go on; the JDK calls this, on whichever thread unparks it. */
  @Override
  public void execute(Runnable continuation) {
    if (isCurrent()) {
      ready.add(continuation);
      schedule();
      return;
    }
    try {
      loop.execute(() -> execute(continuation));
    } catch (RejectedExecutionException e) {
      // The loop has ended before its task. It must end somewhere, or it would hold what it holds
      // for ever.
      ForkJoinPool.commonPool().execute(continuation);
    }
  }

  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      loop.execute(drain);
    }
  }

  private void drain() {
    // It stays scheduled meanwhile: what a virtual thread gives to the loop costs a wake-up.
    for (int left = ready.size(); left > 0; left--) {
      Runnable continuation = ready.poll();
      STRETCH.setRelease(this, stretch + 1);
      continuation.run();
      STRETCH.setRelease(this, stretch + 1);
    }
    flush();
    scheduled = false;
    if (!ready.isEmpty() || !flushes.isEmpty()) {
      schedule();
    }
  }

  private void flush() {
    ArrayList<Runnable> now = flushes;
    flushes = flushing;
    flushing = now;
    for (int i = 0; i < now.size(); i++) {
      now.get(i).run();
    }
    now.clear();
  }

  /** Odd while a virtual thread runs, and another number for each stretch that one runs. */
  long stretch() {
    return (long) STRETCH.getAcquire(this);
  }

  /** The thread that runs on the loop now; null when none does, or it cannot be told. */
  Thread running() {
    for (Thread candidate : threads()) {
      if (Carrying.carrierOf(candidate) == thread && thread != null) {
        return candidate;
      }
    }
    return null;
  }

  private List<Thread> threads() {
    synchronized (alive) {
      return new ArrayList<>(alive);
    }
  }

  /** Starts no more threads, and interrupts those that run. */
  public void interruptAll() {
    synchronized (alive) {
      closed = true;
    }
    threads().forEach(Thread::interrupt);
  }

  /**
   * Waits until no thread is left, after {@link #interruptAll}.
   *
   * @param deadlineNanos when to give up, as {@link System#nanoTime} counts
   * @return those that are left
   */
  public List<Thread> awaitEnd(long deadlineNanos) {
    synchronized (alive) {
      boolean interrupted = false;
      while (!alive.isEmpty()) {
        long millis = (deadlineNanos - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          break;
        }
        try {
          alive.wait(millis);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      return new ArrayList<>(alive);
    }
  }
}
