package dev.headrace.examples;

import dev.headrace.Engine;
import dev.headrace.Interval;
import dev.headrace.Task;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** Time, and the first of several tasks. */
public final class SelectTimeoutInterval {
  private SelectTimeoutInterval() {}

  public static void main(String[] args) throws Exception {
    try (Engine engine = Engine.start()) {
      run(engine);
    }
  }

  // doc:begin
  static void run(Engine engine) throws Exception {
    Task<String> quick =
        engine.spawn(
            () -> {
              Task.sleep(Duration.ofMillis(10));
              return "quick";
            });
    Task<String> slow =
        engine.spawn(
            () -> {
              Task.sleep(Duration.ofHours(1));
              return "slow";
            });
    IO.println(Task.select(List.of(quick, slow)).join() + " was first");
    IO.println("slow was cancelled: " + slow.isCancelled());

    Task<Void> endless = engine.spawn(() -> Task.sleep(Duration.ofHours(1)));
    try {
      Task.timeout(Duration.ofMillis(20), endless::join);
    } catch (TimeoutException e) {
      IO.println("the time is over");
      endless.cancel(); // it is the waiting that ended
    }

    Interval interval = Interval.of(Duration.ofMillis(5));
    for (int i = 0; i < 3; i++) {
      interval.tick();
      IO.println("tick " + i);
    }
  }
  // doc:end
}
