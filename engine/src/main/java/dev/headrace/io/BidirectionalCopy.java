package dev.headrace.io;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ThreadFactory;

/**
 * Copies both ways at once: one way on the calling task, the way back on a second one. Whichever
 * fails interrupts the other, and both have ended when this returns.
 */
final class BidirectionalCopy {
  private final ByteStream a;
  private final ByteStream b;
  private final Thread caller = Thread.currentThread();
  private boolean callerCopies = true;
  private boolean callerStopped;
  private long back;
  private Throwable backFailure;

  private BidirectionalCopy(ByteStream a, ByteStream b) {
    this.a = a;
    this.b = b;
  }

  static Streams.BothWays run(ByteStream a, ByteStream b, ThreadFactory threads)
      throws IOException {
    BidirectionalCopy copy = new BidirectionalCopy(a, b);
    Thread second = threads.newThread(copy::back);
    second.start();
    return copy.forth(second);
  }

  private static long oneWay(ByteSource source, ByteSink sink) throws IOException {
    long count = Streams.copy(source, sink);
    sink.shutdownOutput();
    return count;
  }

  private void back() {
    try {
      back = oneWay(b, a);
    } catch (Throwable e) {
      backFailure = e;
      stopCaller();
    }
  }

  /** An interrupt must not reach the caller after its copy: it may wait for something else then. */
  private synchronized void stopCaller() {
    if (callerCopies) {
      callerStopped = true;
      caller.interrupt();
    }
  }

  private synchronized void callerHasCopied() {
    callerCopies = false;
    if (callerStopped) {
      Thread.interrupted(); // ours, if the copy ended before it saw it
    }
  }

  private Streams.BothWays forth(Thread second) throws IOException {
    long forth = 0;
    Throwable failure = null;
    try {
      forth = oneWay(a, b);
    } catch (Throwable e) {
      failure = e;
      second.interrupt();
    }
    callerHasCopied();
    boolean interrupted = joined(second);
    if (interrupted && !(backFailure instanceof InterruptedIOException)) {
      Thread.currentThread().interrupt(); // it came too late to stop anything
    }
    Throwable cause = cause(failure);
    if (cause != null) {
      rethrow(cause);
    }
    return new Streams.BothWays(forth, back);
  }

  /** Waits until the second task is gone. Whether it was told to go by an interrupt meanwhile. */
  private static boolean joined(Thread second) {
    boolean interrupted = false;
    while (true) {
      try {
        second.join();
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
        second.interrupt();
      }
    }
  }

  /** Of two failures the one that is not just the other's interrupt. */
  private Throwable cause(Throwable failure) {
    if (failure == null || backFailure == null) {
      return failure != null ? failure : backFailure;
    }
    boolean stopped = callerStopped && failure instanceof InterruptedIOException;
    Throwable first = stopped ? backFailure : failure;
    Throwable other = stopped ? failure : backFailure;
    if (first != other && !(other instanceof InterruptedIOException)) {
      first.addSuppressed(other);
    }
    return first;
  }

  private static void rethrow(Throwable cause) throws IOException {
    switch (cause) {
      case IOException e -> throw e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IOException(cause);
    }
  }
}
