package dev.headrace.internal.carrier;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Looks whether a task keeps its loop to itself: computes, blocks in a native call, or parks where
 * it cannot leave its carrier. Such a task is reported once, with the stack that it has then.
 *
 * <p>It also looks whether a loop's own thread waits for a lock. One of the tasks that it carries
 * may be the next owner of that lock, and could never take it: while the loop is blocked, its tasks
 * go on elsewhere.
 */
public final class HogWatch implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.headrace");
  private static final int LOOKS_PER_LIMIT = 4;

  private final List<Watched> carriers = new CopyOnWriteArrayList<>();
  private final Duration limit;
  private final AtomicLong reported = new AtomicLong();
  private final Thread watcher;
  private volatile boolean closed;

  /**
   * Watches, on a thread of its own.
   *
   * @param carriers of the loops
   * @param limit how long a task may run before it is reported
   * @param name of the thread
   */
  public HogWatch(List<Carrier> carriers, Duration limit, String name) {
    this.limit = limit;
    watch(carriers);
    this.watcher = Thread.ofPlatform().daemon().name(name).start(this::watch);
  }

  /** Watches these as well. */
  public void watch(List<Carrier> more) {
    carriers.addAll(more.stream().map(Watched::new).toList());
  }

  /** How many tasks were reported. */
  public long reported() {
    return reported.get();
  }

  private void watch() {
    while (!closed) {
      LockSupport.parkNanos(this, limit.toNanos() / LOOKS_PER_LIMIT);
      long now = System.nanoTime();
      carriers.forEach(carrier -> carrier.look(now));
    }
  }

  /** What the watcher's thread knows of one carrier. */
  private final class Watched {
    private final Carrier carrier;
    private long lastStretch;
    private long sinceNanos;
    private boolean told;
    private int blockedLooks;

    Watched(Carrier carrier) {
      this.carrier = carrier;
    }

    /**
     * Whatever goes wrong with telling of it, the watch goes on: it is the way out of a deadlock.
     */
    void look(long nowNanos) {
      try {
        lookAt(nowNanos);
      } catch (Throwable e) {
        LOG.log(Level.DEBUG, "the watch of {0} failed: {1}", carrier.thread(), e);
      }
    }

    private void lookAt(long nowNanos) {
      lookForBlocked();
      long stretch = carrier.stretch();
      if (stretch != lastStretch) {
        lastStretch = stretch;
        sinceNanos = nowNanos;
        told = false;
      } else if ((stretch & 1) == 1 && !told && nowNanos - sinceNanos >= limit.toNanos()) {
        told = report(carrier, stretch, nowNanos - sinceNanos);
      }
    }

    /** At the second look in a row: the first may be a lock that is just being handed over. */
    private void lookForBlocked() {
      if (!isBlocked(carrier.thread())) {
        blockedLooks = 0;
        return;
      }
      blockedLooks++;
      if (blockedLooks >= 2) {
        int tasks = carrier.rescue();
        if (tasks > 0) {
          reportBlocked(carrier.thread(), tasks);
        }
      }
    }
  }

  private void reportBlocked(Thread loop, int tasks) {
    LOG.log(
        Level.WARNING,
        "the loop {0} waits for a lock that tasks use; {1} of its tasks go on elsewhere. Guard what"
            + " handlers and tasks share without locks, or give it to one of the two:{2}",
        loop.getName(),
        tasks,
        text(loop.getStackTrace()));
  }

  private static String text(StackTraceElement[] stack) {
    return Arrays.stream(stack)
        .map(frame -> System.lineSeparator() + "\tat " + frame)
        .collect(Collectors.joining());
  }

  private static boolean isBlocked(Thread thread) {
    if (thread == null) {
      return false;
    }
    Thread.State state = thread.getState(); // a loop that is idle waits in the kernel: RUNNABLE
    return state == Thread.State.BLOCKED
        || state == Thread.State.WAITING
        || state == Thread.State.TIMED_WAITING;
  }

  private boolean report(Carrier carrier, long stretch, long heldNanos) {
    Thread task = carrier.running();
    if (task == null) {
      return false; // it left just now, or is about to
    }
    StackTraceElement[] stack = task.getStackTrace();
    if (carrier.stretch() != stretch) {
      return true; // the stack may be that of another one
    }
    reported.incrementAndGet();
    boolean parked =
        stack.length > 0
            && (task.getState() == Thread.State.WAITING
                || task.getState() == Thread.State.TIMED_WAITING);
    LOG.log(
        Level.WARNING,
        "{0} has held its loop for {1} ms{2}; nothing else runs there. Give work that blocks to"
            + " engine.blocking(…), and let long computations yield:{3}",
        task,
        heldNanos / 1_000_000,
        parked ? ", parked while pinned" : "",
        text(stack));
    return true;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(watcher);
    boolean interrupted = false;
    while (watcher.isAlive()) {
      try {
        watcher.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
