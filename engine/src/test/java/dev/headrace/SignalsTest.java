package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.child.Signalled;
import dev.headrace.fixture.Child;
import dev.headrace.fixture.Rig;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The end of the process as an event, in JVMs that get real signals. */
class SignalsTest {
  @RegisterExtension final Rig rig = new Rig();

  private static Child signalled(String signal, String how) throws Exception {
    return Child.run(
        List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED"),
        running -> {
          running.awaitPrinted("waiting");
          running.signal(signal);
        },
        Signalled.class.getName(),
        how);
  }

  @ParameterizedTest
  @CsvSource({"TERM, 15", "INT, 2", "HUP, 1"})
  void aSignalWakesTasksThreadsAndStagesAndTheProcessEndsWhenAllIsDone(String signal, int number)
      throws Exception {
    Child child = signalled(signal, "in-good-order");
    assertTrue(child.out().contains("a task knows"), child::all);
    assertTrue(child.out().contains("a stage knows"), child::all);
    assertTrue(child.out().endsWith("all is done\n"), child::all);
    assertEquals(128 + number, child.exit(), child::all);
    assertEquals("", child.err());
  }

  @Test
  void aProcessThatDoesNotFinishEndsAtItsLimit() throws Exception {
    Child child = signalled("TERM", "never");
    assertTrue(child.out().contains("it goes on"), child::all);
    assertEquals(128 + 15, child.exit(), child::all);
  }

  @Test
  void exitIsSuchAWishToo() throws Exception {
    Child child =
        Child.run(
            List.of(),
            List.of("--add-opens", "java.base/java.lang=ALL-UNNAMED"),
            Signalled.class.getName(),
            "exits");
    assertEquals("waiting\nall is done\n", child.out(), child::all);
    assertEquals(7, child.exit(), child::all);
  }

  @Test
  void closedBeforeASignalItWakesWhoeverWaits() throws Exception {
    Engine engine = rig.start(Transport.AUTO);
    rig.captureLogs();
    Signals signals = Signals.take(Duration.ofSeconds(1));
    Task<Void> task = engine.spawn(signals::awaitTermination);
    assertFalse(signals.termination().toCompletableFuture().isDone());
    signals.close();
    signals.close();
    assertThrows(CancellationException.class, () -> Rig.get(task));
    assertTrue(signals.termination().toCompletableFuture().isCompletedExceptionally());
  }

  @Test
  void aTaskThatWaitsForASignalCanBeCancelled() throws Exception {
    Engine engine = rig.start(Transport.AUTO);
    try (Signals signals = Signals.take(Duration.ZERO)) {
      Task<Void> task = engine.spawn(signals::awaitTermination);
      assertTrue(task.cancel());
      assertThrows(CancellationException.class, () -> Rig.get(task));
      var onLoop =
          engine
              .loop()
              .submit(
                  () -> {
                    signals.awaitTermination();
                    return null;
                  });
      Throwable refusal = assertThrows(ExecutionException.class, () -> Rig.get(onLoop)).getCause();
      assertEquals(IllegalStateException.class, refusal.getClass());
    }
  }

  @Test
  void aNegativeLimitIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Signals.take(Duration.ofSeconds(-1)));
  }
}
