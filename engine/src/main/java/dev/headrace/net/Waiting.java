package dev.headrace.net;

import dev.headrace.internal.loop.LoopThread;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** How those who wait are woken: a thread is unparked, a callback runs. */
final class Waiting {
  private Waiting() {}

  /** Wakes a {@code Thread} or runs a {@code Runnable}; null is nobody. */
  static void wake(Object waiter) {
    if (waiter instanceof Thread thread) {
      LockSupport.unpark(thread);
    } else if (waiter != null) {
      ((Runnable) waiter).run();
    }
  }

  static InterruptedIOException interrupted(String operation) {
    return new InterruptedIOException(operation + " was interrupted; nothing is lost");
  }

  static void refuseInterrupted(String operation) throws InterruptedIOException {
    if (Thread.interrupted()) {
      throw interrupted(operation);
    }
  }

  /**
   * Waits for a future.
   *
   * @param operation what the caller does, for messages
   * @param future is cancelled when the caller is interrupted
   * @param giveBack takes what came just before the interrupt, so that it is not lost
   */
  static <T> T await(String operation, CompletableFuture<T> future, Consumer<T> giveBack)
      throws IOException {
    LoopThread.refuse(operation);
    try {
      return future.get();
    } catch (InterruptedException e) {
      if (!future.cancel(false) && !future.isCompletedExceptionally()) {
        giveBack.accept(future.join());
      }
      throw interrupted(operation);
    } catch (CancellationException e) {
      throw new IOException(operation + " was cancelled", e);
    } catch (ExecutionException e) {
      throw thrown(e.getCause());
    }
  }

  /** What a future failed with, in the form in which a method that does I/O throws it. */
  static IOException thrown(Throwable cause) {
    if (cause instanceof IOException failure) {
      return failure;
    }
    if (cause instanceof RuntimeException failure) {
      throw failure;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return new IOException(cause);
  }
}
