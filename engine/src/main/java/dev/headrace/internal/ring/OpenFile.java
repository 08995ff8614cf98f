package dev.headrace.internal.ring;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An open descriptor, and how many operations use it: it is closed once it is told to and none
 * does, so that its number is nobody else's while the kernel works on it. Any thread may call any
 * method.
 */
public final class OpenFile {
  private static final int CLOSED_BIT = 1 << 30;

  /** One that nobody can use. */
  public static final OpenFile CLOSED = new OpenFile(null, "", -1, false);

  static {
    CLOSED.users.set(OpenFile.CLOSED_BIT);
    CLOSED.closed.complete(null);
  }

  private final EngineFiles files;
  private final String path;
  private final int descriptor;
  private final boolean isDirect;
  private final AtomicInteger users = new AtomicInteger();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  OpenFile(EngineFiles files, String path, int descriptor, boolean isDirect) {
    this.files = files;
    this.path = path;
    this.descriptor = descriptor;
    this.isDirect = isDirect;
  }

  /** What it was opened as, for messages. */
  public String path() {
    return path;
  }

  /** Its number; the caller {@link #use}s it meanwhile. */
  public int descriptor() {
    return descriptor;
  }

  /** Whether it goes past the page cache. */
  boolean isDirect() {
    return isDirect;
  }

  /** Keeps it open until {@link #free}; false when it is closed already. */
  public boolean use() {
    for (; ; ) {
      int now = users.get();
      if ((now & CLOSED_BIT) != 0) {
        return false;
      }
      if (users.compareAndSet(now, now + 1)) {
        return true;
      }
    }
  }

  /** Whoever used it does no more. */
  public void free() {
    if (users.decrementAndGet() == CLOSED_BIT) {
      files.closeDescriptor(this, closed);
    }
  }

  /** Whether {@link #close} was called. */
  public boolean isClosed() {
    return (users.get() & CLOSED_BIT) != 0;
  }

  /**
   * Stops what is being done to it, and closes it after.
   *
   * @return done when its number is free
   */
  public CompletableFuture<Void> close() {
    for (; ; ) {
      int now = users.get();
      if ((now & CLOSED_BIT) != 0) {
        return closed;
      }
      if (users.compareAndSet(now, now | CLOSED_BIT)) {
        if (now == 0) {
          files.closeDescriptor(this, closed);
        } else {
          files.cancelAll(this);
        }
        return closed;
      }
    }
  }
}
