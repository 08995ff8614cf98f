package dev.headrace.loadgen.load;

import dev.headrace.IoFailure;
import dev.headrace.loadgen.Interruption;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** Opens many connections, a bounded number at a time: more would only overflow the backlog. */
final class Opening {
  private static final int AT_ONCE = 256;

  private final SocketAddress target;
  private final Semaphore permits = new Semaphore(AT_ONCE);
  private final Map<String, Integer> failures = new TreeMap<>();
  private int opened;
  private Throwable first;

  Opening(SocketAddress target) {
    this.target = target;
  }

  /**
   * Opens them all; blocks. Gives up where the first many are all refused, or on an interruption.
   *
   * @param count how many
   * @param open starts one
   * @param stop the interruption
   * @throws IoFailure when not a single one could be opened
   */
  void run(int count, IntFunction<Future<?>> open, Interruption stop) throws IoFailure {
    int begun = 0;
    while (begun < count && !stop.isRequested() && !hopeless()) {
      if (acquire(1)) {
        begun++;
        open.apply(begun - 1).addListener(this::done);
      }
    }
    while (!stop.isRequested() && !acquire(AT_ONCE)) {
      // The last ones are under way; each has its own time-out.
    }
    synchronized (this) {
      if (opened == 0 && first != null) {
        throw IoFailure.of("connect", target, first);
      }
    }
  }

  private boolean acquire(int count) {
    try {
      return permits.tryAcquire(count, 20, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while connecting", e);
    }
  }

  private synchronized boolean hopeless() {
    return opened == 0 && failures.values().stream().mapToInt(Integer::intValue).sum() >= AT_ONCE;
  }

  private void done(Future<?> connect) {
    synchronized (this) {
      if (connect.isSuccess()) {
        opened++;
      } else {
        first = first == null ? connect.cause() : first;
        failures.merge(IoFailure.kindOf(connect.cause()), 1, Integer::sum);
      }
    }
    permits.release();
  }

  /** How many could not be opened, by kind. */
  synchronized Map<String, Integer> failures() {
    return new TreeMap<>(failures);
  }
}
