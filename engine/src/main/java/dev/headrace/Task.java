package dev.headrace;

import dev.headrace.internal.carrier.Carrier;
import dev.headrace.internal.carrier.Carrying;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopThread;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * Plain blocking code on a virtual thread of its own, carried by a loop: while it waits, for bytes,
 * a lock or another task, the loop does other work. {@link Engine#spawn} starts one.
 *
 * <p>Cancelling interrupts it: the operation that it waits in throws {@link
 * java.io.InterruptedIOException} or {@link InterruptedException}, and the task ends when its code
 * ends. Any thread may call any method; those that wait refuse a loop's own thread.
 *
 * @param <T> what it gives in the end
 */
public final class Task<T> implements Future<T> {
  private static final System.Logger LOG = System.getLogger("dev.headrace");

  private static final boolean IS_CARRIED = Carrying.obstacle() == null;

  /**
   * The task that the caller is: bound where tasks are not carried; where they are, the carrier
   * knows, and spares the frames.
   */
  private static final ScopedValue<Task<?>> CURRENT = ScopedValue.newInstance();

  @SuppressWarnings("rawtypes")
  private static final AtomicIntegerFieldUpdater<Task> CANCELLATIONS =
      AtomicIntegerFieldUpdater.newUpdater(Task.class, "cancellations");

  /** Code that gives nothing. */
  @FunctionalInterface
  public interface Body {
    /**
     * Runs.
     *
     * @throws Exception whatever went wrong: the task's outcome
     */
    void run() throws Exception;
  }

  private final CompletableFuture<T> outcome = new CompletableFuture<>();
  private final Carrier carrier;
  private Callable<T> body;
  private Thread thread;
  private volatile int cancellations;

  private Task(Carrier carrier, Callable<T> body) {
    this.carrier = carrier;
    this.body = body;
  }

  static <T> Task<T> start(Carrier carrier, Callable<T> body) {
    Task<T> task = new Task<>(carrier, body);
    if (!IS_CARRIED) {
      task.body = () -> ScopedValue.where(CURRENT, task).call(body::call);
    }
    task.thread = carrier.unstarted(task.new Running());
    carrier.start(task.thread, task);
    return task;
  }

  /**
   * What its thread runs. A parked task keeps its stack, and a frame is 50 to 200 bytes, by what
   * its method does: so this one does nothing but call.
   */
  private final class Running implements Runnable {
    @Override
    public void run() {
      try {
        outcome.complete(ended(body.call()));
      } catch (Throwable e) {
        fail(ended(e));
      }
    }
  }

  private <V> V ended(V result) {
    body = null; // what it holds may go before the task does
    carrier.ended();
    return result;
  }

  /** The task that the calling thread runs; null where that is none. */
  static Task<?> current() {
    if (!IS_CARRIED) {
      return CURRENT.isBound() ? CURRENT.get() : null;
    }
    Loop loop = LoopThread.current();
    return loop != null && loop.carrier().ownerOf(Thread.currentThread()) instanceof Task<?> task
        ? task
        : null;
  }

  /** How often it was interrupted so far by who cancels it, or by the engine's end. */
  int interrupts() {
    return cancellations + (carrier.isClosed() ? 1 : 0);
  }

  static boolean isInterrupt(Throwable failure) {
    return failure instanceof InterruptedException
        || failure instanceof InterruptedIOException
        || failure instanceof ClosedByInterruptException
        || failure instanceof UncheckedIOException && isInterrupt(failure.getCause());
  }

  private void fail(Throwable failure) {
    boolean nobodyWaits = outcome.getNumberOfDependents() == 0;
    if (cancellations > 0 && isInterrupt(failure)) {
      CancellationException cancellation = new CancellationException("the task was cancelled");
      cancellation.initCause(failure);
      outcome.completeExceptionally(cancellation);
      return;
    }
    outcome.completeExceptionally(failure);
    if (!nobodyWaits) {
      return;
    }
    if (failure instanceof IOException
        || isInterrupt(failure)
        || carrier.isClosed() && isInterrupt(failure.getCause())) { // of a task that it joined
      LOG.log(Level.DEBUG, "a task ends: {0}", failure);
    } else {
      LOG.log(Level.ERROR, "a task failed; nobody waits for it", failure);
    }
  }

  /**
   * Asks the task to end, by interrupting it. It ends when its code does: {@link #join} waits for
   * that.
   *
   * @return whether it had not ended yet
   */
  public boolean cancel() {
    if (outcome.isDone()) {
      return false;
    }
    CANCELLATIONS.incrementAndGet(this);
    thread.interrupt();
    return true;
  }

  /**
   * The same: a virtual thread is interrupted in any case.
   *
   * @param mayInterruptIfRunning is not looked at
   * @return whether it had not ended yet
   */
  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    return cancel();
  }

  /**
   * Waits until the task has ended.
   *
   * @return what it gave
   * @throws ExecutionException when it failed; the cause is what it threw
   * @throws CancellationException when it was cancelled and ended by that
   * @throws InterruptedException when the caller is interrupted; the task goes on
   */
  public T join() throws ExecutionException, InterruptedException {
    LoopThread.refuse("join");
    return outcome.get();
  }

  @Override
  public T get() throws ExecutionException, InterruptedException {
    return join();
  }

  @Override
  public T get(long timeout, TimeUnit unit)
      throws ExecutionException, InterruptedException, TimeoutException {
    LoopThread.refuse("get");
    return outcome.get(timeout, unit);
  }

  @Override
  public boolean isDone() {
    return outcome.isDone();
  }

  /** Whether it has ended because it was cancelled. */
  @Override
  public boolean isCancelled() {
    return outcome.isCancelled();
  }

  /**
   * The outcome as a stage; what depends on it runs on the task's own thread, at its end.
   *
   * @return a stage that cannot be used to complete or cancel the task
   */
  public CompletionStage<T> completion() {
    return outcome.minimalCompletionStage();
  }

  CompletableFuture<T> outcome() {
    return outcome;
  }

  /**
   * Waits for all. When one fails, the others are cancelled and waited for, and its failure is
   * thrown; so are all when the caller is interrupted.
   *
   * @param tasks any number
   * @return what they gave, in their order
   * @throws ExecutionException when one failed
   * @throws InterruptedException when the caller is interrupted
   */
  public static <T> List<T> joinAll(List<Task<T>> tasks)
      throws ExecutionException, InterruptedException {
    return Joins.all(tasks);
  }

  /**
   * Waits for the first to end, in whichever way, and cancels the others. When this returns all
   * have ended: one that was quick enough to give something all the same still holds it, see {@link
   * Future#state()}.
   *
   * @param tasks one or more
   * @return the first that ended
   * @throws InterruptedException when the caller is interrupted; all are cancelled
   */
  public static <T> Task<T> select(List<Task<T>> tasks) throws InterruptedException {
    return Joins.first(tasks);
  }

  /**
   * Does something, but no longer than a time. When the time is over, the calling thread is
   * interrupted in whatever it waits for, and that operation loses nothing.
   *
   * @param limit how long; zero or less is over at once if the operation has to wait
   * @param operation what to do, on the calling thread
   * @return what it gave
   * @throws TimeoutException when the time was over first
   * @throws Exception what the operation threw
   */
  public static <T> T timeout(Duration limit, Callable<T> operation) throws Exception {
    LoopThread.refuse("timeout");
    return new Deadline(limit).run(operation);
  }

  /**
   * Waits.
   *
   * @param time how long; zero or less does not wait
   * @throws InterruptedException when the task is cancelled
   */
  public static void sleep(Duration time) throws InterruptedException {
    LoopThread.refuse("sleep");
    Thread.sleep(time);
  }

  /** Lets the other tasks and the I/O of the loop have their turn. */
  public static void yield() {
    LoopThread.refuse("yield");
    Thread.yield();
  }
}
