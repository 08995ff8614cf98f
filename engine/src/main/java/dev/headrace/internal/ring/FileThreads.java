package dev.headrace.internal.ring;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads that file operations block; gone when idle. Any thread may call any method. */
final class FileThreads {
  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor threads;

  FileThreads(String name, int count) {
    threads =
        new ThreadPoolExecutor(
            count,
            count,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(), // bounded by what the loops let through
            Thread.ofPlatform().daemon().name(name, 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  void execute(Runnable work) {
    threads.execute(work);
  }

  /** Whether it was not begun, and never will be. */
  boolean cancel(Runnable work) {
    return threads.remove(work);
  }

  /** Takes nothing more; returns whether what it had is done by then. */
  boolean close(long timeoutNanos) {
    threads.shutdown();
    boolean interrupted = false;
    long deadline = System.nanoTime() + timeoutNanos;
    try {
      for (; ; ) {
        try {
          return threads.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
