package dev.headrace.net;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Guards what a loop's own thread and the tasks that it carries both touch, when other threads do
 * so too. A monitor must not: when it is contended, it may hand itself to a task that waits for it,
 * and that task can only run on the loop's thread; if that one waits for the same monitor by then,
 * both wait for ever. Here nobody is handed anything, and who waits does so on its thread.
 *
 * <p>Held for a few instructions or one system call that does not block, never while parking,
 * yielding or calling out: a holder is always running. Reentrant.
 */
final class SpinLock {
  private static final int SPINS = 200;
  private static final VarHandle OWNER;

  static {
    try {
      OWNER = MethodHandles.lookup().findVarHandle(SpinLock.class, "owner", Thread.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile Thread owner;
  private int holds; // the owner's

  void lock() {
    Thread self = Thread.currentThread();
    if (owner == self) {
      holds++;
      return;
    }
    for (int spins = 0; !OWNER.compareAndSet(this, null, self); spins++) {
      if (spins < SPINS || self.isVirtual()) {
        Thread.onSpinWait();
      } else {
        Thread.yield(); // a virtual thread would leave its carrier, maybe with another lock held
      }
    }
    holds = 1;
  }

  void unlock() {
    assert owner == Thread.currentThread() : "unlocked by another thread than it was locked by";
    if (--holds == 0) {
      owner = null;
    }
  }
}
