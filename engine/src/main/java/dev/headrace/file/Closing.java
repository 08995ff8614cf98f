package dev.headrace.file;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Waits for a file to be closed, whoever interrupts: it is not left open behind the caller. */
final class Closing {
  private Closing() {}

  static void await(CompletableFuture<Void> closed) throws IOException {
    boolean interrupted = false;
    try {
      for (; ; ) {
        try {
          closed.get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
