package dev.headrace.net;

import dev.headrace.Engine;
import dev.headrace.Transport;
import dev.headrace.internal.lock.ShortLock;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.internal.transport.DescriptorWatch;
import dev.headrace.linux.Errno;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
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
  private Runnable onWritable = () -> {};

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

  /** Watches a descriptor, its own from now on, on an epoll loop. */
  static ReadyDescriptor watch(Engine engine, int fd) throws IOException {
    ReadyDescriptor ready = new ReadyDescriptor((Loop) engine.epoll().loop(), fd);
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
    lock.lock();
    try {
      closed = true;
      wokenReader = reader;
      wokenWriter = writer;
    } finally {
      lock.unlock();
    }
    Waiting.wake(wokenReader);
    Waiting.wake(wokenWriter);
    onWritable.run();
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

  void awaitReadable(String operation) throws IOException {
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
        if (readable || closed) {
          boolean waited = reader == self;
          forget(self);
          if (closed) {
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
    /** What was read; null when there is nothing yet. */
    T make() throws IOException;
  }

  /**
   * Tries again whenever there may be something.
   *
   * @param attempt until it gives other than null
   * @param giveBack takes what came just when the future was cancelled, so that it is not lost
   */
  <T> CompletableFuture<T> readAsync(Attempt<T> attempt, Consumer<T> giveBack) {
    CompletableFuture<T> future = new CompletableFuture<>();
    Runnable again =
        new Runnable() {
          @Override
          public void run() {
            attempt(attempt, future, giveBack, this);
          }
        };
    again.run();
    future.whenComplete(
        (value, failure) -> {
          if (future.isCancelled()) {
            lock.lock();
            try {
              forget(again);
            } finally {
              lock.unlock();
            }
          }
        });
    return future;
  }

  private <T> void attempt(
      Attempt<T> attempt, CompletableFuture<T> future, Consumer<T> giveBack, Runnable again) {
    T value;
    try {
      lock.lock();
      try {
        if (future.isDone()) {
          return;
        }
        value = attempt.make();
        if (value == null) {
          if (reader != null && reader != again) {
            throw new IllegalStateException(
                "another task reads here; one reads at a time: " + reader);
          }
          reader = again;
          return;
        }
      } finally {
        lock.unlock();
      }
    } catch (IOException | RuntimeException e) {
      future.completeExceptionally(e);
      return;
    }
    if (!future.complete(value)) {
      giveBack.accept(value);
    }
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
