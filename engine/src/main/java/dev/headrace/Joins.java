package dev.headrace;

import dev.headrace.internal.loop.LoopThread;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** Waiting for several tasks. */
final class Joins {
  private Joins() {}

  static <T> List<T> all(List<Task<T>> tasks) throws ExecutionException, InterruptedException {
    LoopThread.refuse("joinAll");
    CompletableFuture<Void> failed = new CompletableFuture<>();
    List<CompletableFuture<?>> ended = new ArrayList<>();
    for (Task<T> task : tasks) {
      ended.add(
          task.outcome()
              .whenComplete(
                  (value, failure) -> {
                    if (failure != null) {
                      failed.completeExceptionally(failure);
                    }
                  }));
    }
    CompletableFuture<Void> all = CompletableFuture.allOf(ended.toArray(CompletableFuture[]::new));
    try {
      CompletableFuture.anyOf(all.exceptionally(failure -> null), failed).get();
    } catch (InterruptedException e) {
      end(tasks);
      throw e;
    } catch (ExecutionException e) {
      end(tasks);
      throw e;
    }
    List<T> values = new ArrayList<>();
    for (Task<T> task : tasks) {
      values.add(task.outcome().get());
    }
    return values;
  }

  static <T> Task<T> first(List<Task<T>> tasks) throws InterruptedException {
    LoopThread.refuse("select");
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException("select of no tasks: it would wait for ever");
    }
    CompletableFuture<Task<T>> first = new CompletableFuture<>();
    for (Task<T> task : tasks) {
      task.outcome().whenComplete((value, failure) -> first.complete(task));
    }
    try {
      return first.get();
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    } finally {
      end(tasks);
    }
  }

  /** Cancels those that run, and waits until all have ended, whatever happens meanwhile. */
  private static void end(List<? extends Task<?>> tasks) {
    tasks.forEach(Task::cancel);
    boolean interrupted = false;
    for (Task<?> task : tasks) {
      while (task.state() == Future.State.RUNNING) {
        try {
          task.join();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (Exception e) {
          // Its outcome is its own.
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
