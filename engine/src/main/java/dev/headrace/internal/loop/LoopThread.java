package dev.headrace.internal.loop;

import dev.headrace.buffer.BufferPool;
import dev.headrace.internal.carrier.Carrying;
import io.netty.util.concurrent.FastThreadLocalThread;

/** The thread of a loop: carries its loop, so that who runs on it finds it. */
public final class LoopThread extends FastThreadLocalThread {
  Loop loop;

  LoopThread(Runnable body, String name) {
    super(body, name);
  }

  /**
   * The loop on whose thread the caller runs: as a handler or as a task that it carries.
   *
   * @return null on any other thread
   */
  public static Loop current() {
    return Carrying.currentCarrier() instanceof LoopThread thread ? thread.loop : null;
  }

  /**
   * The pool of that loop.
   *
   * @return null on any other thread
   */
  public static BufferPool currentPool() {
    Loop loop = current();
    return loop == null ? null : loop.pool();
  }

  /**
   * Refuses to block a loop's own thread; a task that a loop carries may block.
   *
   * @param operation what would block
   */
  public static void refuse(String operation) {
    if (Thread.currentThread() instanceof LoopThread thread) {
      throw new IllegalStateException(
          operation
              + " blocks, and this is the loop's own thread "
              + thread.getName()
              + ": call it from another thread or a task (engine.spawn), or use its future");
    }
  }
}
