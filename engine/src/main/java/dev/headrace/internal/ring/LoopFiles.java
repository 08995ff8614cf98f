package dev.headrace.internal.ring;

import dev.headrace.EngineStats;
import dev.headrace.internal.loop.Loop;
import java.nio.channels.AsynchronousCloseException;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;

/**
 * The file operations of one loop: so many are in flight at most, and the others wait for their
 * turn, in order. Confined to the loop, but for what says otherwise.
 */
public final class LoopFiles {
  /**
   * So many futures may wait for a slot; past them the next one fails. Tasks wait by themselves.
   */
  private static final int MOST_WAITING = 16_384;

  private static final int LEAST_LOOKED_AT = 1024;

  private final EngineFiles engine;
  private final Loop loop;
  private final int limit;
  private final RingDriver ring; // null where the backend is threads
  private final ThreadDriver threads;
  private final ArrayDeque<Operation<?>> waiting = new ArrayDeque<>();
  private int lookAgainAt = LEAST_LOOKED_AT;
  private boolean ended;

  // Written on the loop alone; whoever asks for statistics reads without stopping it.
  private int inFlight;
  private long finished;
  private long waited;
  private int peak;

  LoopFiles(EngineFiles engine, Loop loop, int limit, boolean onRing, FileThreads workers) {
    this.engine = engine;
    this.loop = loop;
    this.limit = limit;
    this.ring = onRing ? new RingDriver(this, loop, limit) : null;
    this.threads = new ThreadDriver(this, workers);
  }

  /** Those of the engine. */
  public EngineFiles engine() {
    return engine;
  }

  /** Whose they are. */
  public Loop loop() {
    return loop;
  }

  /** Brings an operation here; any thread may. False when the loop has ended. */
  boolean start(Operation<?> operation) {
    if (loop.inEventLoop()) {
      admit(operation);
      return true;
    }
    return loop.carrier().flushLater(operation);
  }

  void admit(Operation<?> operation) {
    if (ended) {
      operation.fail(closed());
    } else if (inFlight < limit) {
      submit(operation);
    } else if (mayWait(operation)) {
      waited++;
      waiting.add(operation);
    } else {
      operation.fail(Operation.tooMany(inFlight, waiting.size()));
    }
  }

  private boolean mayWait(Operation<?> operation) {
    if (waiting.size() >= lookAgainAt) {
      waiting.removeIf(other -> !other.isWaiting()); // cancelled meanwhile
      lookAgainAt = Math.clamp(2L * waiting.size(), LEAST_LOOKED_AT, MOST_WAITING);
    }
    return waiting.size() < MOST_WAITING
        || operation.isWaitedForByTask()
        || operation.request().opcode() == Sqe.CLOSE; // a descriptor must not stay open
  }

  private void submit(Operation<?> operation) {
    if (!operation.submitted()) {
      return; // cancelled while it waited
    }
    inFlight++;
    peak = Math.max(peak, inFlight);
    FileDriver driver =
        ring != null && engine.onRing(operation.request().opcode()) ? ring : threads;
    operation.driver = driver;
    driver.submit(operation);
  }

  /** The kernel is done with an operation. */
  void answered(Operation<?> operation) {
    slotIsFree();
    operation.done();
  }

  void slotIsFree() {
    inFlight--;
    finished++;
    while (inFlight < limit && !waiting.isEmpty()) {
      submit(waiting.poll());
    }
  }

  /** Asks the kernel to stop an operation; any thread may. */
  void cancel(Operation<?> operation) {
    onLoop(
        () -> {
          if (operation.driver != null) {
            operation.driver.cancel(operation);
          }
        });
  }

  /** Stops what is done to a file that is being closed; any thread may. */
  void cancelAll(OpenFile file) {
    onLoop(
        () -> {
          waiting.stream()
              .filter(operation -> operation.file() == file)
              .toList() // who is told may start others
              .forEach(operation -> operation.fail(new AsynchronousCloseException()));
          if (ring != null) {
            ring.cancelAll(file);
          }
          threads.cancelAll(file);
        });
  }

  /** Does something on the loop, later; not at all once that has ended. */
  boolean onLoop(Runnable action) {
    try {
      loop.execute(action);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** The engine ends: what waits fails, and what the kernel has is stopped. */
  void end() {
    if (ended) {
      return;
    }
    ended = true;
    for (Operation<?> left = waiting.poll(); left != null; left = waiting.poll()) {
      left.fail(closed());
    }
    if (ring != null) {
      ring.endAll();
    }
    threads.endAll();
  }

  static IllegalStateException closed() {
    return new IllegalStateException("the engine is closed: it does no more file operations");
  }

  /** What was done here so far; any thread may ask. */
  public EngineStats.Files stats() {
    return new EngineStats.Files(
        engine.backend(), finished, inFlight, peak, waited, threads.done());
  }
}
