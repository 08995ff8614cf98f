package dev.headrace.internal.lock;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Guards what a loop's own thread shares with tasks: a few steps that wait for nothing. Who finds
 * it taken spins, and so do those that follow; it is reentrant.
 *
 * <p>A monitor or any lock with a queue would deadlock there. A virtual thread that waits in the
 * queue leaves its carrier, the loop's thread; that goes on, and comes to wait behind it in the
 * same queue; when the lock is released the virtual thread is the one to be woken, and nobody is
 * left to carry it.
 */
public class ShortLock {
  private static final int SPINS = 64;
  private static final VarHandle OWNER;

  static {
    try {
      OWNER = MethodHandles.lookup().findVarHandle(ShortLock.class, "owner", Thread.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile Thread owner;
  private int holds; // the owner's

  /** Takes it; to be followed by try and {@link #unlock} in finally. */
  public final void lock() {
    Thread self = Thread.currentThread();
    if (owner != self) {
      for (int spins = 0; !OWNER.compareAndSet(this, null, self); spins++) {
        if (spins < SPINS || self.isVirtual()) {
          Thread.onSpinWait(); // it must not leave its carrier: it may hold another of these
        } else {
          Thread.yield(); // the owner's processor was taken from it
        }
      }
    }
    holds++;
  }

  /** Gives it back, as often as it was taken. */
  public final void unlock() {
    assert owner == Thread.currentThread() : "unlocked by " + Thread.currentThread();
    if (--holds == 0) {
      owner = null;
    }
  }
}
