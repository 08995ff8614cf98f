package dev.headrace.linux;

import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** A platform thread for one task: what it does to itself ends with it. */
final class OwnThread {
  private OwnThread() {}

  static <T> T run(Callable<T> task) throws Exception {
    FutureTask<T> future = new FutureTask<>(task);
    Thread.ofPlatform().daemon().start(future);
    return future.get();
  }
}
