package dev.headrace.net;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A future that whoever claims it first completes: the stream, which then takes the bytes that it
 * is completed with, or whoever cancels it, who then knows that nothing was taken. So no byte is
 * ever between a stream and a future that nobody waits for.
 */
class Claim<T> extends CompletableFuture<T> {
  private final AtomicBoolean claimed = new AtomicBoolean();

  /** Whether the caller may, and must, {@link #finish} it. */
  boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  final boolean isClaimed() {
    return claimed.get();
  }

  void finish(T value) {
    super.complete(value);
  }

  void fail(Throwable failure) {
    super.completeExceptionally(failure);
  }

  @Override
  public boolean complete(T value) {
    return claim() && super.complete(value);
  }

  @Override
  public boolean completeExceptionally(Throwable failure) {
    return claim() && super.completeExceptionally(failure);
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    return claim() ? super.cancel(mayInterruptIfRunning) : isCancelled();
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new CompletableFuture<>();
  }
}
