package dev.headrace;

import dev.headrace.internal.loop.LoopThread;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The wish that this process ends, as an event: SIGTERM, SIGINT (Ctrl-C) and SIGHUP, and {@link
 * System#exit}. From the signal until {@link #close} the process goes on, so that it can end in
 * good order; what comes after {@code close} races with the end of the JVM.
 *
 * <pre>{@code
 * try (Signals signals = Signals.take(Duration.ofSeconds(30));
 *     Engine engine = Engine.start()) {
 *   …
 *   signals.awaitTermination();
 * } // the engine drains, then the process may end
 * }</pre>
 *
 * <p>The JDK tells that the process is to end and not by which signal, and it ends by that signal's
 * status: 143 after SIGTERM, 130 after SIGINT. A second signal changes nothing. Any thread may call
 * any method.
 */
public final class Signals implements AutoCloseable {
  private final CompletableFuture<Void> terminating = new CompletableFuture<>();
  private final CountDownLatch finished = new CountDownLatch(1);
  private final Thread hook;

  private Signals(Duration finishLimit) {
    long limitNanos = finishLimit.toNanos();
    this.hook = new Thread(() -> terminate(limitNanos), "headrace-signals");
  }

  /**
   * Takes the signals of this process from now on.
   *
   * @param finishLimit how long the process may go on after a signal, if this is not closed before
   * @return to be closed when all is done, after the engine: name it first in a try-with-resources
   * @throws IllegalStateException when the process is ending already
   */
  public static Signals take(Duration finishLimit) {
    if (finishLimit.isNegative()) {
      throw new IllegalArgumentException(
          "finishLimit is " + finishLimit + ": it must not be negative");
    }
    Signals signals = new Signals(finishLimit);
    Runtime.getRuntime().addShutdownHook(signals.hook);
    return signals;
  }

  /** Runs as the JVM's hook, which ends the process when it returns. */
  private void terminate(long limitNanos) {
    terminating.complete(null);
    try {
      finished.await(limitNanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits until the process is asked to end; blocks the calling task or thread only.
   *
   * @throws InterruptedException when the caller is interrupted, for instance by {@link
   *     Task#cancel}
   * @throws CancellationException when this is closed first
   */
  public void awaitTermination() throws InterruptedException {
    LoopThread.refuse("awaitTermination");
    try {
      terminating.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * The same as a stage, for code that must not wait.
   *
   * @return done when the process is asked to end, cancelled when this is closed first; what
   *     depends on it runs on the thread of the signal
   */
  public CompletionStage<Void> termination() {
    return terminating.minimalCompletionStage();
  }

  /** All is done: lets the process end, if it was asked to. Else signals end it as ever. */
  @Override
  public void close() {
    finished.countDown();
    if (terminating.cancel(false)) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The process is ending: the hook finds that all is done.
      }
    }
  }
}
