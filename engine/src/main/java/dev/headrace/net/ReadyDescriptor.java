package dev.headrace.net;

import dev.headrace.Engine;
import dev.headrace.Transport;
import dev.headrace.internal.lock.ShortLock;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.internal.transport.DescriptorWatch;
import dev.headrace.linux.Descriptors;
import dev.headrace.linux.Errno;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntUnaryOperator;

/**
 * A descriptor that never blocks, who waits until it is ready, and the system calls that are made
 * on it, by whichever thread wants something: what was not called has lost nothing. Guarded by its
 * lock, so that nobody calls with a number that is another one's by now.
 *
 * <p>A call gives a count, or minus an errno; minus EAGAIN is waited out.
 */
final class ReadyDescriptor implements DescriptorWatch.Watcher {
  private final ShortLock lock = new ShortLock();
  static final int WOULD_BLOCK = -Errno.EAGAIN;

  /** So many calls without a pause, and others on the loop have their turn. */
  private static final int CALLS_PER_TURN = 64;

  private final Loop loop;
  private final int fd;
  private DescriptorWatch watch;
  private volatile Runnable onWritable = () -> {};
  private Runnable onEnd = () -> {}; // guarded by the lock

  // Guarded by the lock.
  private boolean readable = true; // until a call says otherwise
  private boolean writable = true;
  private boolean hungUp;
  private boolean closed;
  private Object reader; // who waits: a thread, a callback, or null
  private Object writer;
  private int calls;

  private ReadyDescriptor(Loop loop, int fd) {
    this.loop = loop;
    this.fd = fd;
  }

  /** Watches a descriptor, its own from now on even if this throws, on an epoll loop. */
  static ReadyDescriptor watch(Engine engine, int fd) throws IOException {
    Loop loop;
    try {
      loop = (Loop) engine.epoll().loop();
    } catch (RuntimeException e) { // the engine is being closed
      Descriptors.close(fd);
      throw e;
    }
    ReadyDescriptor ready = new ReadyDescriptor(loop, fd);
    ready.watch =
        Waiting.await("open", DescriptorWatch.start(ready.loop, fd, ready), DescriptorWatch::stop);
    return ready;
  }

  Transport transport() {
    return loop.transport();
  }

  Loop loop() {
    return loop;
  }

  /** Runs on the loop whenever writing may be possible again. */
  void onWritable(Runnable action) {
    onWritable = action;
  }

  /** Runs, perhaps more than once, when the descriptor is closed, by whomever. */
  void onEnd(Runnable action) {
    boolean over;
    lock.lock();
    try {
      onEnd = action;
      over = closed;
    } finally {
      lock.unlock();
    }
    if (over) {
      action.run();
    }
  }

  /** What guards the descriptor, for whoever keeps something beside it. */
  ShortLock lock() {
    return lock;
  }

  @Override
  public void changed(boolean nowReadable, boolean nowWritable, boolean nowHungUp) {
    Object wokenReader;
    Object wokenWriter;
    lock.lock();
    try {
      readable |= nowReadable;
      writable |= nowWritable;
      hungUp |= nowHungUp;
      wokenReader = readable ? takeReader() : null;
      wokenWriter = writable ? takeWriter() : null;
    } finally {
      lock.unlock();
    }
    Waiting.wake(wokenReader);
    Waiting.wake(wokenWriter);
    if (nowWritable) {
      onWritable.run();
    }
  }

  @Override
  public void ended() {
    Object wokenReader;
    Object wokenWriter;
    Runnable end;
    lock.lock();
    try {
      closed = true;
      wokenReader = reader;
      wokenWriter = writer;
      end = onEnd;
    } finally {
      lock.unlock();
    }
    Waiting.wake(wokenReader);
    Waiting.wake(wokenWriter);
    onWritable.run();
    end.run();
  }

  /** There is something to read beside the descriptor. */
  void wakeReader() {
    Object woken;
    lock.lock();
    try {
      woken = closed ? null : takeReader(); // who waited through the close is told so
    } finally {
      lock.unlock();
    }
    Waiting.wake(woken);
  }

  private Object takeReader() {
    Object waiting = reader;
    reader = null;
    return waiting;
  }

  private Object takeWriter() {
    Object waiting = writer;
    writer = null;
    return waiting;
  }

  /** Nobody is at the other end any more. */
  boolean isHungUp() {
    lock.lock();
    try {
      return hungUp;
    } finally {
      lock.unlock();
    }
  }

  boolean isOpen() {
    lock.lock();
    try {
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  /** Makes a call that reads; {@link #WOULD_BLOCK} when there is nothing. */
  int tryRead(IntUnaryOperator call) throws ClosedChannelException {
    lock.lock();
    try {
      refuseClosed(reader);
      if (!readable) {
        return WOULD_BLOCK;
      }
      int result = call.applyAsInt(fd);
      readable = result != WOULD_BLOCK;
      return result;
    } finally {
      lock.unlock();
    }
  }

  /** Makes a call that writes; {@link #WOULD_BLOCK} when there is no room. */
  int tryWrite(IntUnaryOperator call) throws ClosedChannelException {
    lock.lock();
    try {
      refuseClosed(writer);
      if (!writable) {
        return WOULD_BLOCK;
      }
      int result = call.applyAsInt(fd);
      writable = result != WOULD_BLOCK;
      return result;
    } finally {
      lock.unlock();
    }
  }

  /** Makes a call that is neither; the descriptor stays open meanwhile. */
  int call(IntUnaryOperator call) throws ClosedChannelException {
    lock.lock();
    try {
      refuseClosed(null);
      return call.applyAsInt(fd);
    } finally {
      lock.unlock();
    }
  }

  private void refuseClosed(Object waiting) throws ClosedChannelException {
    if (closed) {
      throw waiting == null ? new ClosedChannelException() : new AsynchronousCloseException();
    }
  }

  /** What is always ready must not keep the loop to itself. */
  void rest() {
    boolean due;
    lock.lock();
    try {
      due = ++calls % CALLS_PER_TURN == 0;
    } finally {
      lock.unlock();
    }
    if (due) {
      Thread.yield();
    }
  }

  /**
   * Waits until reading may give something.
   *
   * @param beside whether there is something that needs no call; asked under the lock
   */
  void awaitReadable(String operation, BooleanSupplier beside) throws IOException {
    LoopThread.refuse(operation);
    rest();
    Thread self = Thread.currentThread();
    for (; ; ) {
      lock.lock();
      try {
        if (Thread.interrupted()) {
          forget(self);
          throw Waiting.interrupted(operation);
        }
        boolean ready = beside.getAsBoolean();
        if (ready || readable || closed) {
          boolean waited = reader == self;
          forget(self);
          if (closed && !ready) {
            throw waited ? new AsynchronousCloseException() : new ClosedChannelException();
          }
          return;
        }
        if (reader != null && reader != self) {
          throw new IllegalStateException(
              "another task reads here; one reads at a time: " + reader);
        }
        reader = self;
      } finally {
        lock.unlock();
      }
      LockSupport.park();
    }
  }

  void awaitWritable(String operation) throws IOException {
    LoopThread.refuse(operation);
    Thread self = Thread.currentThread();
    for (; ; ) {
      lock.lock();
      try {
        if (Thread.interrupted()) {
          forget(self);
          throw Waiting.interrupted(operation);
        }
        if (writable || closed) {
          boolean waited = writer == self;
          forget(self);
          if (closed) {
            throw waited ? new AsynchronousCloseException() : new ClosedChannelException();
          }
          return;
        }
        if (writer != null && writer != self) {
          throw new IllegalStateException(
              "another task writes here; one writes at a time: " + writer);
        }
        writer = self;
      } finally {
        lock.unlock();
      }
      LockSupport.park();
    }
  }

  private void forget(Object waiter) {
    if (reader == waiter) {
      reader = null;
    }
    if (writer == waiter) {
      writer = null;
    }
  }

  /** Something that reads if it can. */
  interface Attempt<T> {
    /** What was read. */
    T make() throws IOException;
  }

  /** Who cancels it waits for a call that is under way: what that took goes to nobody else. */
  private final class Reading<T> extends Claim<T> implements Runnable {
    private final Attempt<T> attempt;
    private final T nothing;

    Reading(Attempt<T> attempt, T nothing) {
      this.attempt = attempt;
      this.nothing = nothing;
    }

    @Override
    boolean claim() {
      lock.lock();
      try {
        return super.claim();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void run() {
      T value = null;
      Exception failed = null;
      lock.lock();
      try {
        if (isClaimed()) {
          return;
        }
        value = attempt.make();
        if (value == nothing) {
          if (reader != null && reader != this) {
            throw new IllegalStateException(
                "another task reads here; one reads at a time: " + reader);
          }
          reader = this;
          return;
        }
        claim();
      } catch (IOException | RuntimeException e) {
        claim();
        failed = e;
      } finally {
        lock.unlock();
      }
      if (failed == null) {
        finish(value);
      } else {
        fail(failed);
      }
    }

    void giveUp() {
      lock.lock();
      try {
        forget(this);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public String toString() {
      return "an …Async form whose future is not done";
    }
  }

  /**
   * Tries again whenever there may be something. Cancelling loses nothing.
   *
   * @param attempt is made under the lock, until it gives other than nothing
   * @param nothing what it gives when there is nothing yet; compared by identity
   */
  <T> CompletableFuture<T> readAsync(Attempt<T> attempt, T nothing) {
    Reading<T> reading = new Reading<>(attempt, nothing);
    reading.run();
    reading.whenComplete((value, failure) -> reading.giveUp());
    return reading;
  }

  /** Does something on the loop a little later. */
  void later(Runnable action) {
    loop.schedule(action, 1, TimeUnit.MILLISECONDS);
  }

  /** Whoever waits is woken; the descriptor is closed on the loop. */
  void close() {
    Object wokenReader;
    Object wokenWriter;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      wokenReader = reader;
      wokenWriter = writer;
    } finally {
      lock.unlock();
    }
    watch.stop();
    Waiting.wake(wokenReader);
    Waiting.wake(wokenWriter);
  }
}
