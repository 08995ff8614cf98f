package dev.headrace.child;

import dev.headrace.Engine;
import dev.headrace.Signals;
import dev.headrace.Task;
import java.time.Duration;

/** Waits for a signal, and does then what its argument says. */
public final class Signalled {
  private Signalled() {}

  public static void main(String[] args) throws Exception {
    Duration limit = args[0].equals("never") ? Duration.ofMillis(200) : Duration.ofSeconds(40);
    try (Signals signals = Signals.take(limit);
        Engine engine = Engine.start()) {
      Task<Void> task =
          engine.spawn(
              () -> {
                signals.awaitTermination();
                System.out.println("a task knows");
              });
      if (args[0].equals("in-good-order")) {
        signals.termination().thenRun(() -> System.out.println("a stage knows"));
      }
      if (args[0].equals("exits")) {
        task.cancel();
        Thread.ofPlatform().start(() -> System.exit(7));
      }
      System.out.println("waiting");
      signals.awaitTermination();
      if (args[0].equals("never")) {
        System.out.println("it goes on");
        Thread.sleep(Duration.ofHours(1));
      }
      if (args[0].equals("in-good-order")) {
        task.join();
      }
      System.out.println("all is done");
    }
  }
}
