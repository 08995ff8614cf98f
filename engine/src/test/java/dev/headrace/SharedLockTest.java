package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.headrace.fixture.Await;
import dev.headrace.fixture.Logs;
import dev.headrace.fixture.Rig;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A lock with a queue, shared by a loop's handlers and the tasks that it carries. */
class SharedLockTest {
  @RegisterExtension final Rig rig = new Rig();

  @Test
  void aLoopThatWaitsBehindItsOwnTaskForALockIsFreed() throws Exception {
    Logs logs = rig.captureLogs();
    Engine engine =
        rig.start(Transport.AUTO, options -> options.loops(1).taskHogLimit(Duration.ofMillis(100)));
    ReentrantLock lock = new ReentrantLock();
    // 1. A third thread holds the lock.
    lock.lock();
    Task<Integer> task;
    Future<Integer> handler;
    try {
      // 2. A task waits for it, and leaves its loop.
      task = engine.spawn(() -> whileLocked(lock));
      Await.until("the task waits", () -> lock.getQueueLength() == 1);
      // 3. The loop itself waits for it, behind the task that only it carries.
      handler = engine.loop().submit(() -> whileLocked(lock));
      Await.until("the loop waits", () -> lock.getQueueLength() == 2);
    } finally {
      // 4. The lock goes to the task, and its loop is blocked.
      lock.unlock();
    }
    assertEquals(1, task.join());
    assertEquals(1, Rig.get(handler));
    Await.until("it is told once", () -> logs.warnings().size() == 1);
  }

  private static int whileLocked(ReentrantLock lock) {
    lock.lock();
    try {
      return lock.getHoldCount();
    } finally {
      lock.unlock();
    }
  }
}
