package dev.headrace.internal.ring;

import dev.headrace.internal.loop.LoopThread;
import dev.headrace.linux.Errno;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;

/**
 * One request on its way through the kernel and back, and who waits for it: a task, whoever holds
 * this future, or a handler.
 *
 * <pre>
 *                 a slot is free              the kernel is done
 *   WAITING ─────────────────────▶ SUBMITTED ───────────────────▶ DONE
 *      │                               │ cancelled, and the
 *      │ cancelled                     ▼ memory is the operation's
 *      └──────────▶ DONE           ABANDONED   released when the kernel is done, and not before
 * </pre>
 *
 * <p>Where the memory is the caller's, who may use it again as soon as this is done, cancelling
 * asks the kernel to stop, and the operation stays submitted until it has.
 *
 * @param <T> what it gives
 */
public final class Operation<T> extends CompletableFuture<T> implements Runnable {
  private enum State {
    WAITING,
    SUBMITTED,
    ABANDONED,
    DONE
  }

  private static final System.Logger LOG = System.getLogger("dev.headrace");
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Operation.class, "state", State.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final LoopFiles files;
  private final OpenFile file; // null where it has none yet
  private final Request<T> request;
  private final boolean ownsMemory;
  private volatile State state = State.WAITING;
  private volatile boolean stopped;
  private volatile Throwable refusal; // why it ends without an answer of the kernel's
  private volatile Throwable cancellation; // what is told instead of that the kernel has stopped

  // Set before it starts.
  private Thread waiter;
  private CompletionHandler<T, Object> handler;
  private Object attachment;

  // The driver's: confined to the loop.
  FileDriver driver;
  short tag = -1;
  long submission;
  private boolean retried;

  /**
   * An operation that has not started.
   *
   * @param files of the loop that it will go through
   * @param file what it is done to, kept open until it is done; null where that is no open file
   * @param request what to ask
   * @param ownsMemory whether nobody else uses the memory before {@link Request#release}
   */
  public Operation(LoopFiles files, OpenFile file, Request<T> request, boolean ownsMemory) {
    this.files = files;
    this.file = file;
    this.request = request;
    this.ownsMemory = ownsMemory;
  }

  // ---- how it is started, and waited for ----

  /**
   * Starts it, and waits as a task.
   *
   * @throws InterruptedIOException when the caller is interrupted, and the kernel stopped
   */
  public T await() throws IOException {
    if (Thread.currentThread() instanceof LoopThread) {
      discardUnstarted();
      LoopThread.refuse(request.name());
    }
    if (Thread.interrupted()) {
      discardUnstarted();
      throw interrupted();
    }
    waiter = Thread.currentThread();
    if (!begin()) {
      throw asIoException(refusal);
    }
    boolean wasInterrupted = false;
    while (state != State.DONE) {
      if (state == State.ABANDONED) {
        throw asIoException(cancellation); // the engine has ended
      }
      LockSupport.park(this);
      if (Thread.interrupted()) {
        wasInterrupted = true;
        if (giveUp(null)) {
          throw interrupted();
        }
      }
    }
    return taken(wasInterrupted);
  }

  /** The kernel was quicker than the interrupt, or has stopped for it. */
  private T taken(boolean wasInterrupted) throws IOException {
    boolean keepInterrupt = wasInterrupted;
    try {
      if (refusal != null) {
        throw asIoException(refusal);
      }
      return request.value();
    } catch (FileFailures.Cancelled e) {
      if (!wasInterrupted) {
        throw closedMeanwhile();
      }
      keepInterrupt = false;
      InterruptedIOException interrupted = interrupted();
      interrupted.bytesTransferred = e.bytesTransferred();
      throw interrupted;
    } finally {
      request.release();
      if (keepInterrupt) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private InterruptedIOException interrupted() {
    return new InterruptedIOException(request.name() + " was interrupted");
  }

  private static AsynchronousCloseException closedMeanwhile() {
    return new AsynchronousCloseException();
  }

  /** Starts it; what comes of it completes this future, on the loop. */
  public CompletableFuture<T> start() {
    begin();
    return this;
  }

  /** Starts it; what comes of it is given to a handler, on the loop. */
  @SuppressWarnings("unchecked")
  public <A> void start(A given, CompletionHandler<? super T, ? super A> whose) {
    handler = (CompletionHandler<T, Object>) whose;
    attachment = given;
    begin();
  }

  private boolean begin() {
    if (file != null && !file.use()) {
      refuse(new ClosedChannelException());
      return false;
    }
    if (!files.start(this)) {
      refuse(LoopFiles.closed());
      return false;
    }
    return true;
  }

  /** It never started. */
  private void refuse(Throwable why) {
    refusal = why;
    state = State.DONE;
    if (file != null && !(why instanceof ClosedChannelException)) {
      file.free();
    }
    if (waiter == null) {
      tell();
    } else {
      request.release();
    }
  }

  private void discardUnstarted() {
    state = State.DONE;
    request.release();
  }

  boolean isWaitedForByTask() {
    return waiter != null;
  }

  OpenFile file() {
    return file;
  }

  Request<T> request() {
    return request;
  }

  // ---- on the loop, or on a thread that may block ----

  /** It has come to its loop. */
  @Override
  public void run() {
    files.admit(this);
  }

  /** Takes it from who waits for a slot to the kernel; false when it was cancelled before. */
  boolean submitted() {
    return STATE.compareAndSet(this, State.WAITING, State.SUBMITTED);
  }

  boolean isAbandoned() {
    return state == State.ABANDONED;
  }

  /**
   * The kernel has answered.
   *
   * @return whether to ask it again
   */
  boolean again(long result) {
    if (isStopped()) { // whatever is left of it is left
      boolean isUndone = result == -Errno.EINTR || result == -Errno.EAGAIN;
      if (request.again(isUndone ? -Errno.ECANCELED : result)) {
        request.again(-Errno.ECANCELED);
      }
      return false;
    }
    if (result == -Errno.EINTR && request.opcode() != Sqe.CLOSE) {
      return true;
    }
    if (result == -Errno.EAGAIN && !retried) {
      retried = true; // what cannot be done without waiting goes to a worker that may
      return true;
    }
    return request.again(result);
  }

  /** Asking the kernel failed by itself. */
  void broke(Throwable why) {
    refusal = why;
  }

  /** It is not asked again; what no thread has begun shall not begin. */
  void stop() {
    stopped = true;
  }

  boolean isStopped() {
    return stopped || isAbandoned();
  }

  byte submissionFlags() {
    return retried ? Sqe.ASYNC : 0;
  }

  /** The kernel is done with it; tells who waits. */
  void done() {
    boolean isAwaited = STATE.compareAndSet(this, State.SUBMITTED, State.DONE);
    if (file != null) {
      file.free();
    }
    if (!isAwaited) { // it stays abandoned: a waiter that has not looked yet must not take it
      request.discard();
      request.release();
    } else if (waiter != null) {
      LockSupport.unpark(waiter);
    } else {
      tell();
    }
  }

  /** It ends before the kernel has heard of it. */
  void fail(Throwable why) {
    if (STATE.compareAndSet(this, State.WAITING, State.DONE)) {
      refusal = why;
      if (file != null) {
        file.free();
      }
      if (waiter != null) {
        LockSupport.unpark(waiter);
      } else {
        tell();
      }
    }
  }

  private void tell() {
    T value = null;
    Throwable failure = refusal;
    if (failure == null) {
      try {
        value = request.value();
      } catch (FileFailures.Cancelled e) {
        failure =
            cancellation != null
                ? cancellation
                : file != null && file.isClosed()
                    ? closedMeanwhile()
                    : new CancellationException(request.name() + " was cancelled");
      } catch (IOException | RuntimeException e) {
        failure = e;
      }
    } else {
      request.discard();
    }
    request.release();
    tell(value, failure);
  }

  private void tell(T value, Throwable failure) {
    if (handler == null) {
      if (failure == null) {
        super.complete(value);
      } else {
        super.completeExceptionally(failure);
      }
      return;
    }
    try {
      if (failure == null) {
        handler.completed(value, attachment);
      } else {
        handler.failed(failure, attachment);
      }
    } catch (Throwable e) {
      LOG.log(Level.ERROR, "a handler of " + request.name() + " failed", e);
    }
  }

  private static IOException asIoException(Throwable why) {
    return switch (why) {
      case IOException failure -> failure;
      case RuntimeException failure -> throw failure;
      case Error failure -> throw failure;
      default -> new IOException(why);
    };
  }

  // ---- how it is cancelled ----

  /**
   * Nobody waits any more.
   *
   * @param why it ends, for whoever depends on it; null for a task, which throws by itself
   * @return whether it is over for the caller; if not, the kernel was asked to stop, and it is done
   *     in a moment
   */
  private boolean giveUp(Throwable why) {
    if (STATE.compareAndSet(this, State.WAITING, State.DONE)) {
      if (file != null) {
        file.free();
      }
      request.release();
      return true;
    }
    if (mayBeAbandoned() && STATE.compareAndSet(this, State.SUBMITTED, State.ABANDONED)) {
      files.cancel(this);
      return true;
    }
    if (state == State.SUBMITTED) {
      if (why != null) {
        cancellation = why;
      }
      files.cancel(this);
    }
    return false;
  }

  /** What a task interrupts may not be written to the file, or to its buffer, behind its back. */
  private boolean mayBeAbandoned() {
    return ownsMemory && !(waiter != null && request.isTransfer());
  }

  /** The engine ends, and the kernel may never answer: who waits is told so. On the loop. */
  void end() {
    Throwable why = file == null ? LoopFiles.closed() : closedMeanwhile();
    if (request.opcode() == Sqe.CLOSE) {
      return; // that waits for nobody
    }
    cancellation = why;
    if (!giveUp(why)) {
      return; // it ends in a moment
    }
    if (waiter != null) {
      LockSupport.unpark(waiter);
    } else {
      tell(null, why);
    }
  }

  boolean isWaiting() {
    return state == State.WAITING;
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    return giveUp(new CancellationException(request.name() + " was cancelled"))
        ? super.cancel(mayInterruptIfRunning)
        : isCancelled();
  }

  @Override
  public boolean complete(T value) {
    return giveUp(new CancellationException(request.name() + " was completed by somebody else"))
        && super.complete(value);
  }

  @Override
  public boolean completeExceptionally(Throwable failure) {
    return giveUp(failure) && super.completeExceptionally(failure);
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new CompletableFuture<>();
  }

  static RejectedExecutionException tooMany(int inFlight, int waiting) {
    return new RejectedExecutionException(
        inFlight
            + " file operations are in flight on this loop, and "
            + waiting
            + " wait for them: wait for some of their futures before starting more");
  }
}
