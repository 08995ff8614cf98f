package dev.headrace.internal.loop;

import dev.headrace.buffer.BufferPool;
import io.netty.util.concurrent.FastThreadLocalThread;

/** The thread of a loop: carries the loop's pool, so that who reads on it finds its buffers. */
public final class LoopThread extends FastThreadLocalThread {
  BufferPool pool;

  LoopThread(Runnable body, String name) {
    super(body, name);
  }

  /**
   * The pool of the loop whose thread this is.
   *
   * @return null on any other thread
   */
  public static BufferPool currentPool() {
    return Thread.currentThread() instanceof LoopThread thread ? thread.pool : null;
  }
}
