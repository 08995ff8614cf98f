package dev.headrace.internal.carrier;

import dev.headrace.internal.lock.ShortLock;
import java.lang.System.Logger.Level;
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
import java.util.concurrent.locks.LockSupport;

/**
 * Runs virtual threads on the thread of one loop. Those that can go on wait in a queue of its own,
 * which one task of the loop drains: what wakes on the loop goes through no concurrent queue and no
 * wake-up. What the tasks wrote is flushed once a drain.
 *
 * <p>A drain runs what was ready when it began. What becomes ready meanwhile waits for the next
 * one, with the loop's I/O between: two tasks that wake each other for ever starve nobody.
 */
public final class Carrier implements Executor {
  private static final System.Logger LOG = System.getLogger("dev.headrace");

  private final Executor loop;
  private final Executor endOfTurn;
  private final Thread.Builder.OfVirtual threads;
  private final Runnable drain = this::drain;
  private final Runnable drainNextTurn = this::submitDrain;

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

  private static final long LOOK_AGAIN_NANOS = 1_000_000;

  private final ShortLock lock = new ShortLock();

  /** Those that have not ended, guarded by the lock. */
  private final Set<Thread> alive = Collections.newSetFromMap(new IdentityHashMap<>());

  private boolean closed; // guarded by the lock

  /**
   * A carrier.
   *
   * @param loop runs what it is given on the loop's thread, in order
   * @param endOfTurn the same, after all that {@code loop} was given, before it looks for I/O
   */
  public Carrier(Executor loop, Executor endOfTurn) {
    this.loop = loop;
    this.endOfTurn = endOfTurn;
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
    lock.lock();
    try {
      if (closed) {
        throw new RejectedExecutionException("the engine is closed: it starts no more tasks");
      }
      alive.add(started);
    } finally {
      lock.unlock();
    }
    started.start();
    return started;
  }

  /** Called last by each thread that {@link #start} started. */
  public void ended() {
    lock.lock();
    try {
      alive.remove(Thread.currentThread());
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@link #start} started a thread, and it has not ended. */
  public boolean started(Thread candidate) {
    lock.lock();
    try {
      return alive.contains(candidate);
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@link #interruptAll} was called. */
  public boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** How many threads have not ended. */
  public int alive() {
    lock.lock();
    try {
      return alive.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Runs something on the loop's thread, once what runs now has had its turn.
   *
   * @return whether it will run; not once the loop has ended, whose connections are closed then
   */
  public boolean flushLater(Runnable flush) {
    if (isCurrent()) {
      flushes.add(flush);
      schedule();
      return true;
    }
    try {
      loop.execute(flush);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
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
      runElsewhere(continuation);
    }
  }

  /**
   * The loop has ended before its task. It must end somewhere, or it would hold what it holds for
   * ever.
   */
  private static void runElsewhere(Runnable continuation) {
    ForkJoinPool.commonPool().execute(continuation);
  }

  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      submitDrain();
    }
  }

  private void submitDrain() {
    try {
      loop.execute(drain);
    } catch (RejectedExecutionException e) {
      leave();
    }
  }

  /**
   * Netty's loop runs tasks until there are none, for up to a second: a drain that gives itself to
   * the loop again would keep it from its I/O. So the next one is given to it at its turn's end.
   */
  private void scheduleNextTurn() {
    scheduled = true;
    try {
      endOfTurn.execute(drainNextTurn);
    } catch (RejectedExecutionException e) {
      leave();
    }
  }

  /** The loop takes nothing any more. */
  private void leave() {
    for (Runnable left = ready.poll(); left != null; left = ready.poll()) {
      runElsewhere(left);
    }
    flush();
    scheduled = false;
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
      scheduleNextTurn();
    }
  }

  private void flush() {
    ArrayList<Runnable> now = flushes;
    flushes = flushing;
    flushing = now;
    for (int i = 0; i < now.size(); i++) {
      try {
        now.get(i).run();
      } catch (Throwable e) {
        LOG.log(Level.ERROR, "what a task wrote could not be sent", e);
      }
    }
    now.clear();
  }

  /** Odd while a virtual thread runs, and another number for each stretch that one runs. */
  long stretch() {
    return (long) STRETCH.getAcquire(this);
  }

  /** The loop's own thread; null before {@link #bind}. */
  public Thread thread() {
    return thread;
  }

  /** The thread that runs on the loop now; null when none does, or it cannot be told. */
  public Thread running() {
    for (Thread candidate : threads()) {
      if (Carrying.carrierOf(candidate) == thread && thread != null) {
        return candidate;
      }
    }
    return null;
  }

  private List<Thread> threads() {
    lock.lock();
    try {
      return new ArrayList<>(alive);
    } finally {
      lock.unlock();
    }
  }

  /** Starts no more threads, and interrupts those that run. */
  public void interruptAll() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
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
    boolean interrupted = Thread.interrupted();
    while (alive() > 0 && deadlineNanos - System.nanoTime() > 0) {
      LockSupport.parkNanos(this, LOOK_AGAIN_NANOS);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return threads();
  }
}
