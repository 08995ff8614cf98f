package dev.headrace.loadgen;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A wish that the run ends now: from SIGTERM or SIGINT, or from a test. Whoever runs looks at it
 * wherever it waits, and ends in good order with what it has.
 */
public final class Interruption {
  /** After a signal the run gets so long to write what it has. */
  private static final long FINISH_SECONDS = 30;

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile int status = 1;

  /** Asks for the end. */
  public void request() {
    requested.countDown();
  }

  /** Whether the end is asked for. */
  public boolean isRequested() {
    return requested.getCount() == 0;
  }

  /**
   * Waits until a moment, or less.
   *
   * @param deadlineNanos in {@link System#nanoTime()}
   * @return whether the end is asked for
   */
  public boolean awaitUntil(long deadlineNanos) {
    try {
      return requested.await(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      request();
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /** Waits until the end is asked for. */
  public void await() {
    awaitUntil(System.nanoTime() + Long.MAX_VALUE / 2);
  }

  /**
   * Takes over the signals of this process. The JVM itself would end with 143 or 130 as soon as its
   * hooks are done; halting in the hook lets the command decide the exit status.
   */
  void takeSignals() {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  request();
                  try {
                    finished.await(FINISH_SECONDS, TimeUnit.SECONDS);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  System.out.flush();
                  System.err.flush();
                  Runtime.getRuntime().halt(status);
                },
                "headrace-signals"));
  }

  /** Ends the process. */
  void exit(int exitStatus) {
    status = exitStatus;
    finished.countDown();
    System.exit(exitStatus);
  }
}
