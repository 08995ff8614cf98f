package dev.headrace.file;

import dev.headrace.internal.ring.LoopFiles;
import dev.headrace.internal.ring.OpenFile;
import dev.headrace.internal.ring.Operation;
import dev.headrace.internal.ring.PathRequests;
import dev.headrace.internal.ring.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Asks the kernel for one thing, as a task that waits. */
final class Asking {
  private Asking() {}

  /** On a path; when the caller is interrupted it may be done all the same. */
  static <T> T ask(LoopFiles files, Request<T> request) throws IOException {
    return new Operation<>(files, null, request, true).await();
  }

  /** On an open file; when the caller is interrupted it may be done all the same. */
  static <T> T ask(LoopFiles files, OpenFile file, Request<T> request) throws IOException {
    return new Operation<>(files, file, request, true).await();
  }

  /** On an open file, or null; when the caller is interrupted it is done, or never will be. */
  static <T> T askToTheEnd(LoopFiles files, OpenFile file, Request<T> request) throws IOException {
    return new Operation<>(files, file, request, false).await();
  }

  /** Removes what is not to be left behind, whoever interrupts, and if the engine is closed. */
  static void removeHalfOf(LoopFiles files, Path path, Throwable why) {
    try {
      try {
        Closing.await(new Operation<>(files, null, PathRequests.remove(path), true).start());
      } catch (IOException e) {
        if (!(e.getCause() instanceof IllegalStateException)) {
          throw e;
        }
        Files.deleteIfExists(path); // the loops have ended
      }
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }
}
