package dev.headrace.internal.carrier;

import dev.headrace.internal.lock.ShortLock;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
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
  private final Runnable collect = this::collect;

  /** What other threads let go on, until the loop fetches it. */
  private final ConcurrentLinkedQueue<Runnable> arriving = new ConcurrentLinkedQueue<>();

  // Guarded by its lock: the loop's thread alone uses them, but for a rescue.
  private final ShortLock readyLock = new ShortLock();
  private ArrayDeque<Runnable> ready = new ArrayDeque<>();

  // Confined to the loop's thread.
  private Thread thread;
  private ArrayDeque<Runnable> batch = new ArrayDeque<>();
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

  /** Those that have not ended, and what each is the thread of, guarded by the lock. */
  private final Map<Thread, Object> alive = new IdentityHashMap<>();

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

  /** Makes a virtual thread, for {@link #start}. */
  public Thread unstarted(Runnable body) {
    return threads.unstarted(body);
  }

  /**
   * Starts a virtual thread that {@link #unstarted} made; its body must not throw.
   *
   * @param made the thread
   * @param owner what it is the thread of
   * @throws RejectedExecutionException when the loop is being closed
   */
  public void start(Thread made, Object owner) {
    lock.lock();
    try {
      if (closed) {
        throw new RejectedExecutionException("the engine is closed: it starts no more tasks");
      }
      alive.put(made, owner);
    } finally {
      lock.unlock();
    }
    made.start();
  }

  /** What a thread of this carrier is the thread of; null for any other. */
  public Object ownerOf(Thread thread) {
    lock.lock();
    try {
      return alive.get(thread);
    } finally {
      lock.unlock();
    }
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

  /** Makes threads of this carrier, for code that takes a factory. */
  public ThreadFactory factory() {
    return body ->
        threads.unstarted(
            () -> {
              lock.lock();
              try {
                alive.put(Thread.currentThread(), body);
                if (closed) {
                  Thread.currentThread().interrupt();
                }
              } finally {
                lock.unlock();
              }
              try {
                body.run();
              } finally {
                ended();
              }
            });
  }

  /** Whether {@link #start} started a thread, and it has not ended. */
  public boolean started(Thread candidate) {
    lock.lock();
    try {
      return alive.containsKey(candidate);
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
      makeReady(continuation);
      schedule();
      return;
    }
    arriving.add(continuation);
    try {
      loop.execute(collect);
    } catch (RejectedExecutionException e) {
      rescue();
    }
  }

  private void makeReady(Runnable continuation) {
    readyLock.lock();
    try {
      ready.add(continuation);
    } finally {
      readyLock.unlock();
    }
  }

  private void collect() {
    for (Runnable next = arriving.poll(); next != null; next = arriving.poll()) {
      makeReady(next);
    }
    schedule();
  }

  /**
   * Lets those that can go on do so off the loop, which is blocked, perhaps by a lock whose next
   * owner is one of them, or has ended: Netty 4.2.18 may take a task just then and never run it.
   *
   * @return how many there were
   */
  public int rescue() {
    int count = 0;
    for (Runnable next = nextReady(); next != null; next = nextReady()) {
      runElsewhere(next);
      count++;
    }
    for (Runnable next = arriving.poll(); next != null; next = arriving.poll()) {
      runElsewhere(next);
      count++;
    }
    return count;
  }

  private Runnable nextReady() {
    readyLock.lock();
    try {
      return ready.poll();
    } finally {
      readyLock.unlock();
    }
  }

  private boolean isReady() {
    readyLock.lock();
    try {
      return !ready.isEmpty();
    } finally {
      readyLock.unlock();
    }
  }

  /** Its loop has ended or is blocked: it must go on somewhere, or hold what it holds for ever. */
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
    rescue();
    flush();
    scheduled = false;
  }

  private void drain() {
    // It stays scheduled meanwhile: what a virtual thread gives to the loop costs a wake-up.
    takeReady();
    for (Runnable next = batch.poll(); next != null; next = batch.poll()) {
      STRETCH.setRelease(this, stretch + 1);
      try {
        next.run();
      } catch (Throwable e) {
        LOG.log(Level.ERROR, "a task could not go on", e);
      }
      STRETCH.setRelease(this, stretch + 1);
    }
    flush();
    scheduled = false;
    if (isReady() || !flushes.isEmpty()) {
      scheduleNextTurn();
    }
  }

  private void takeReady() {
    readyLock.lock();
    try {
      ArrayDeque<Runnable> taken = ready;
      ready = batch;
      batch = taken;
    } finally {
      readyLock.unlock();
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
      return new ArrayList<>(alive.keySet());
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
