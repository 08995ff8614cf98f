package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.fixture.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Each member of a task once: {@code docs/surface.md} points here. */
@ParameterizedClass
@MethodSource("dev.headrace.fixture.Place#transports")
class TaskMembersTest {
  private static final Duration FOR_EVER = Duration.ofHours(1);

  @RegisterExtension final Rig rig = new Rig();

  @Parameter Transport transport;

  private Engine engine;

  @BeforeEach
  void start() {
    engine = rig.start(transport);
  }

  private Task<Integer> gives(int value) {
    return engine.spawn(() -> value);
  }

  private Task<Integer> waits() {
    return engine.spawn(
        () -> {
          Task.sleep(FOR_EVER);
          return 0;
        });
  }

  @Test
  void aTaskGivesItsOutcomeToWhoeverJoinsIt() throws Exception {
    assertEquals(7, gives(7).join());
    Task<Void> fails =
        engine.spawn(
            () -> {
              throw new IOException("no");
            });
    assertEquals("no", assertThrows(ExecutionException.class, fails::join).getCause().getMessage());
    assertTrue(fails.isDone());
    assertEquals(8, Rig.get(gives(7).completion().thenApply(n -> n + 1).toCompletableFuture()));
  }

  @Test
  void aTaskRunsOnTheLoopOfItsMakerOrOnAChosenOne() throws Exception {
    var chosen = engine.loops().next();
    Task<Object> inner =
        engine.spawnOn(chosen, () -> engine.spawn((Callable<Object>) engine::loop).join());
    assertSame(chosen, inner.join());
  }

  @Test
  void cancellingEndsATaskThatWaits() throws Exception {
    Task<Integer> waits = waits();
    assertTrue(waits.cancel());
    assertThrows(CancellationException.class, waits::join);
    assertTrue(waits.isCancelled());
    assertFalse(waits.cancel());
  }

  @Test
  void joinAllGivesAllInOrderAndFailsFast() throws Exception {
    assertEquals(List.of(1, 2, 3), Task.joinAll(List.of(gives(1), gives(2), gives(3))));
    Task<Integer> waits = waits();
    Task<Integer> fails =
        engine.spawn(
            (Callable<Integer>)
                () -> {
                  throw new IOException("no");
                });
    assertThrows(ExecutionException.class, () -> Task.joinAll(List.of(waits, fails)));
    assertTrue(waits.isCancelled());
  }

  @Test
  void selectGivesTheFirstAndCancelsTheOthers() throws Exception {
    Task<Integer> waits = waits();
    Task<Integer> first = gives(1);
    assertSame(first, Task.select(List.of(waits, first)));
    assertTrue(waits.isCancelled());
  }

  @Test
  void aTimeoutEndsAnyOperationThatWaits() throws Exception {
    assertEquals(1, Task.timeout(FOR_EVER, () -> 1));
    Task<Void> task =
        engine.spawn(
            () -> {
              assertThrows(
                  TimeoutException.class,
                  () ->
                      Task.timeout(
                          Duration.ofMillis(10),
                          () -> {
                            Task.sleep(FOR_EVER);
                            return null;
                          }));
              Task.sleep(Duration.ofMillis(1)); // no interrupt is left
            });
    task.join();
  }

  @Test
  void anIntervalTicksAtItsRateWhateverIsMissed() throws Exception {
    for (Interval.Missed missed : Interval.Missed.values()) {
      Interval interval = Interval.of(Duration.ofMillis(10), missed);
      interval.tick();
      long start = System.nanoTime();
      Task.sleep(Duration.ofMillis(35));
      interval.tick(); // late
      for (int i = 0; i < 2; i++) {
        interval.tick();
      }
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      assertTrue(took.toMillis() >= 35, () -> missed + " took " + took);
    }
  }

  @Test
  void aYieldGivesTheOthersTheirTurn() throws Exception {
    var loop = engine.loops().next();
    List<String> turns = Collections.synchronizedList(new ArrayList<>());
    Task.Body body =
        () -> {
          Task<Boolean> other = engine.spawn(() -> turns.add("other"));
          while (!other.isDone()) {
            Task.yield();
          }
          turns.add("first");
        };
    engine.spawnOn(loop, body).join();
    assertEquals(List.of("other", "first"), turns);
  }

  @Test
  void blockingWorkRunsOnAThreadThatIsNoLoopsAndNoTasks() throws Exception {
    Task<Thread> task = engine.spawn(() -> engine.blocking(Thread::currentThread));
    assertFalse(task.join().isVirtual());
    assertEquals(5, Rig.get(engine.blockingAsync(() -> 5)));
    assertThrows(
        IOException.class,
        () ->
            engine.blocking(
                () -> {
                  throw new IOException("no");
                }));
  }

  @Test
  void threadsThatOtherCodeStartsRunOnALoopToo() throws Exception {
    Task<Boolean> task =
        engine.spawn(
            () -> {
              var here = engine.loop();
              List<Object> there = Collections.synchronizedList(new ArrayList<>());
              Thread thread = engine.threadFactory().newThread(() -> there.add(engine.loop()));
              thread.start();
              thread.join();
              return thread.isVirtual() && there.equals(List.of(here));
            });
    assertTrue(task.join());
  }
}
