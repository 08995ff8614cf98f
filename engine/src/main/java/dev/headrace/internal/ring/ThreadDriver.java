package dev.headrace.internal.ring;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/** File operations as system calls, on threads that they block. */
final class ThreadDriver implements FileDriver {
  private static final int ECANCELED = -dev.headrace.linux.Errno.ECANCELED;

  private final LoopFiles files;
  private final FileThreads workers;
  private final Set<Operation<?>> submitted = ConcurrentHashMap.newKeySet();
  private final AtomicLong done = new AtomicLong();

  ThreadDriver(LoopFiles files, FileThreads workers) {
    this.files = files;
    this.workers = workers;
  }

  @Override
  public void submit(Operation<?> operation) {
    submitted.add(operation);
    try {
      workers.execute(new Work(this, operation));
    } catch (RejectedExecutionException e) { // the engine is being closed
      neverBegun(operation);
    }
  }

  private void neverBegun(Operation<?> operation) {
    submitted.remove(operation);
    operation.stop();
    operation.again(ECANCELED);
    files.answered(operation);
  }

  /** One turn of a thread; equal to another of the same operation. */
  private record Work(ThreadDriver driver, Operation<?> operation) implements Runnable {
    @Override
    public void run() {
      driver.work(operation);
    }
  }

  private void work(Operation<?> operation) {
    long result;
    do {
      result = operation.isStopped() ? ECANCELED : call(operation);
    } while (operation.again(result));
    submitted.remove(operation);
    done.incrementAndGet();
    if (operation.isWaitedForByTask()) {
      operation.done(); // a task is woken from any thread; the loop need not hear of it first
      files.onLoop(files::slotIsFree);
    } else if (!files.onLoop(() -> files.answered(operation))) {
      operation.done();
    }
  }

  /** Whatever it throws is what comes of it: somebody waits. */
  private static long call(Operation<?> operation) {
    try {
      return operation.request().call();
    } catch (RuntimeException | Error e) {
      operation.broke(e);
      return ECANCELED;
    }
  }

  /** What a thread has begun goes on; what none has begun never will. */
  @Override
  public void cancel(Operation<?> operation) {
    operation.stop();
    if (workers.cancel(new Work(this, operation))) {
      neverBegun(operation);
    }
  }

  void cancelAll(OpenFile file) {
    submitted.stream().filter(operation -> operation.file() == file).forEach(this::cancel);
  }

  void endAll() {
    submitted.forEach(Operation::end);
  }

  /** How many operations threads have done. */
  long done() {
    return done.get();
  }
}
