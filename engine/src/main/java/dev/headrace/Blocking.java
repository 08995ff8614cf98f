package dev.headrace;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads for work that blocks them: as many as are asked for up to a bound, gone when idle. */
final class Blocking implements AutoCloseable {
  /** Past as many the work waits its turn. */
  private static final int THREADS = 256;

  /** Past as many it is refused. */
  private static final int WAITING = 16_384;

  private static final long IDLE_SECONDS = 10;
  private static final long CLOSE_SECONDS = 5;

  private final ExecutorService threads;

  Blocking(String name) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name(name, 0).factory(),
            (work, threads) -> {
              throw new RejectedExecutionException(
                  threads.isShutdown()
                      ? "the engine is closed: it does no more blocking work"
                      : THREADS
                          + " threads block, and "
                          + WAITING
                          + " pieces of work wait for them");
            });
    pool.allowCoreThreadTimeOut(true);
    this.threads = pool;
  }

  <T> T call(Callable<T> work) throws Exception {
    FutureTask<T> running = new FutureTask<>(work);
    threads.execute(running);
    try {
      return running.get();
    } catch (InterruptedException e) {
      if (running.cancel(true)) {
        throw e;
      }
      if (running.isCancelled()) {
        throw e; // the engine is being closed, and was first
      }
      // It was done just then: what it gave is not lost, and neither is the interrupt.
      Thread.currentThread().interrupt();
      if (running.state() == Future.State.SUCCESS) {
        return running.resultNow();
      }
      throw thrown(running.exceptionNow());
    } catch (CancellationException e) {
      InterruptedException interrupted = new InterruptedException("the engine is being closed");
      interrupted.initCause(e);
      throw interrupted;
    } catch (ExecutionException e) {
      throw thrown(e.getCause());
    }
  }

  private static Exception thrown(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return (Exception) cause;
  }

  /** The same without waiting; cancelling the future interrupts the work. */
  <T> CompletableFuture<T> start(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    FutureTask<Void> running =
        new FutureTask<>(
            () -> {
              try {
                result.complete(work.call());
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
              return null;
            }) {
          @Override
          protected void done() {
            if (isCancelled()) {
              result.cancel(false); // also when the engine is closed before its turn came
            }
          }
        };
    threads.execute(running);
    result.whenComplete(
        (value, failure) -> {
          if (result.isCancelled()) {
            running.cancel(true);
          }
        });
    return result;
  }

  /** Interrupts what runs, and waits for it a while; what waits for its turn never runs. */
  @Override
  public void close() {
    for (Runnable waiting : threads.shutdownNow()) {
      ((FutureTask<?>) waiting).cancel(true);
    }
    try {
      threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
