package dev.headrace.io;

import dev.headrace.fixture.Await;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Something that runs beside a test: a virtual thread, and what became of it. */
final class Task<T> {
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private final Thread thread;
  private volatile boolean endedInterrupted;

  private Task(Thread.Builder builder, Callable<T> body) {
    this.thread = builder.start(() -> run(body));
  }

  static <T> Task<T> start(Callable<T> body) {
    return new Task<>(Thread.ofVirtual(), body);
  }

  static <T> Task<T> startOnThread(Callable<T> body) {
    return new Task<>(Thread.ofPlatform().daemon(), body);
  }

  private void run(Callable<T> body) {
    try {
      T value = body.call();
      endedInterrupted = Thread.interrupted();
      result.complete(value);
    } catch (Throwable e) {
      endedInterrupted = Thread.interrupted();
      result.completeExceptionally(e);
    }
  }

  void awaitWaiting() {
    Await.until(
        () -> "the task waits, it is " + thread.getState(),
        () -> thread.getState() == Thread.State.WAITING);
  }

  void interrupt() {
    thread.interrupt();
  }

  boolean isDone() {
    return result.isDone();
  }

  boolean hasFailed() {
    return result.isCompletedExceptionally();
  }

  /** Whether it ended with its interrupt status set. */
  boolean endedInterrupted() {
    return endedInterrupted;
  }

  T get() throws Exception {
    try {
      return result.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw new AssertionError(e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("the task does not end, it is " + thread.getState(), e);
    }
  }
}
