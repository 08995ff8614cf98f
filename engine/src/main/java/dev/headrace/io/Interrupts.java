package dev.headrace.io;

import java.io.InterruptedIOException;

/** How an interrupt is noticed: the status is cleared, the exception says what was stopped. */
final class Interrupts {
  private Interrupts() {}

  /** Throws if the calling task is interrupted; costs nothing otherwise. */
  static void check(String operation) throws InterruptedIOException {
    if (Thread.interrupted()) {
      throw interrupted(operation);
    }
  }

  static InterruptedIOException interrupted(String operation) {
    return new InterruptedIOException(operation + " interrupted");
  }
}
