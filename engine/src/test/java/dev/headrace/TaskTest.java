package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.fixture.Await;
import dev.headrace.fixture.Logs;
import dev.headrace.fixture.Parked;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.net.TcpListener;
import dev.headrace.service.Echo;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tasks know no transport: the default one will do. */
@Timeout(60)
class TaskTest {
  private static final Duration NEVER = Duration.ofDays(365 * 1000L);

  @RegisterExtension final Rig rig = new Rig();
  private Engine engine;

  @BeforeEach
  void start() {
    engine = rig.start(Transport.AUTO, options -> options.loops(2));
  }

  private static Void forEver() throws InterruptedException {
    new CountDownLatch(1).await();
    return null;
  }

  @Test
  void aTaskGivesWhatItsCodeGivesOrThrows() throws Exception {
    assertEquals("done", Rig.get(engine.spawn(() -> "done")));
    Task<String> failing =
        engine.spawn(
            () -> {
              throw new IOException("on purpose");
            });
    ExecutionException failure = assertThrows(ExecutionException.class, failing::join);
    assertEquals("on purpose", failure.getCause().getMessage());
    assertFalse(failing.cancel());
    assertFalse(failing.isCancelled());
    Await.until("none is open", () -> engine.stats().openTasks() == 0);
  }

  @Test
  void aTaskThatFailsUnseenIsReportedOnceAndItsLoopLivesOn() throws Exception {
    Logs logs = rig.captureLogs();
    Future<?> loop = engine.loops().next().submit(() -> {});
    Rig.get(loop);
    engine.spawn(
        () -> {
          throw new IllegalStateException("on purpose");
        });
    Await.until("it is told", () -> !logs.warnings().isEmpty());
    assertEquals("done", Rig.get(engine.spawn(() -> "done")));
    assertEquals(1, logs.warnings().size(), () -> logs.warnings().toString());
    assertTrue(logs.warnings().getFirst().contains("on purpose"));
  }

  @Test
  void aCancelBeforeTheStartInterruptsTheFirstWait() throws Exception {
    Task<Void> task =
        Rig.get(
            engine
                .loop()
                .submit(
                    () -> {
                      Task<Void> spawned = engine.spawn(TaskTest::forEver);
                      assertTrue(spawned.cancel()); // it cannot have begun: this holds its loop
                      return spawned;
                    }));
    assertInstanceOf(CancellationException.class, Parked.failure(task));
    assertTrue(task.isCancelled());
  }

  @Test
  void aCancelInterruptsWhatTheTaskWaitsFor() throws Exception {
    ReentrantLock lock = new ReentrantLock();
    lock.lock();
    CompletableFuture<Void> never = new CompletableFuture<>();
    Task<Void> other = engine.spawn(TaskTest::forEver);
    List<Parked<?>> waiting =
        List.of(
            Parked.in(engine, TaskTest::forEver),
            Parked.in(engine, never::get),
            Parked.in(engine, other::join),
            Parked.in(
                engine,
                () -> {
                  lock.lockInterruptibly();
                  return null;
                }),
            Parked.in(
                engine,
                () -> {
                  Task.sleep(NEVER);
                  return null;
                }),
            Parked.in(
                engine,
                () -> {
                  Interval interval = Interval.of(NEVER.dividedBy(10));
                  interval.tick();
                  interval.tick();
                  return null;
                }),
            Parked.in(engine, () -> Task.timeout(NEVER, TaskTest::forEver)),
            Parked.in(engine, () -> Task.select(List.of(engine.spawn(TaskTest::forEver)))),
            Parked.in(engine, () -> Task.joinAll(List.of(engine.spawn(TaskTest::forEver)))));
    for (Parked<?> parked : waiting) {
      assertTrue(parked.task().cancel());
      assertInstanceOf(CancellationException.class, parked.failure());
    }
    assertFalse(other.isDone(), "joining it does not own it");
    other.cancel();
  }

  @Test
  void aTaskMayHandleItsCancelAndGiveSomethingAllTheSame() throws Exception {
    Parked<String> parked =
        Parked.in(
            engine,
            () -> {
              try {
                forEver();
              } catch (InterruptedException e) {
                // Heard.
              }
              return "cleaned up";
            });
    parked.task().cancel(true);
    assertEquals("cleaned up", Rig.get(parked.task()));
    assertFalse(parked.task().isCancelled());
  }

  @Test
  void joiningAllGivesAllInOrderOrEndsTheOthersAtTheFirstFailure() throws Exception {
    List<Task<Integer>> counting = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      int number = i;
      counting.add(engine.spawn(() -> number));
    }
    List<Integer> numbers = Task.joinAll(counting);
    assertEquals(50, numbers.size());
    assertEquals(49, numbers.getLast());
    assertEquals(List.of(), Task.joinAll(List.<Task<Void>>of()));

    Task<Void> endless = engine.spawn(TaskTest::forEver);
    Task<Void> failing =
        engine.spawn(
            () -> {
              throw new IOException("on purpose");
            });
    ExecutionException failure =
        assertThrows(ExecutionException.class, () -> Task.joinAll(List.of(endless, failing)));
    assertEquals("on purpose", failure.getCause().getMessage());
    assertTrue(endless.isCancelled());
  }

  @Test
  void selectGivesTheFirstAndEndsTheOthers() throws Exception {
    Task<Void> endless = engine.spawn(TaskTest::forEver);
    Task<Void> quick = engine.spawn(() -> {});
    assertSame(quick, Task.select(List.of(endless, quick)));
    assertTrue(endless.isCancelled());
    assertThrows(IllegalArgumentException.class, () -> Task.select(List.<Task<Void>>of()));
  }

  @Test
  void aTimeoutIsToldAsOneAlsoWhereTheInterruptIsWrapped() throws Exception {
    try (TcpListener listener = TcpListener.bind(engine, Wire.ANY_PORT)) {
      Task<Void> task =
          engine.spawn(
              () -> {
                Task.timeout(Duration.ofMillis(1), () -> listener.incoming().iterator().hasNext());
              });
      ExecutionException failure = assertThrows(ExecutionException.class, task::join);
      assertInstanceOf(TimeoutException.class, failure.getCause());
    }
  }

  @Test
  void aTimeoutEndsWhatWaitsAndLeavesWhatIsQuick() throws Exception {
    assertEquals("quick", Task.timeout(NEVER, () -> "quick"));
    assertEquals("quick", Task.timeout(Duration.ZERO, () -> "quick"));
    assertThrows(
        TimeoutException.class, () -> Task.timeout(Duration.ofMillis(1), TaskTest::forEver));
    assertThrows(
        TimeoutException.class, () -> Task.timeout(Duration.ofDays(-1), TaskTest::forEver));
    assertThrows(
        IOException.class,
        () ->
            Task.timeout(
                NEVER,
                () -> {
                  throw new IOException("its own");
                }));
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void anOuterTimeoutIsHeardThoughAnInnerOneIsOverAtTheSameTime() throws Exception {
    for (int round = 0; round < 300; round++) {
      assertThrows(
          TimeoutException.class,
          () ->
              Task.timeout(
                  Duration.ofMillis(1),
                  () -> {
                    try {
                      Task.timeout(Duration.ofMillis(1), TaskTest::forEver);
                    } catch (TimeoutException inner) {
                      forEver(); // only the outer one can end this
                    }
                    return null;
                  }));
      assertFalse(Thread.currentThread().isInterrupted());
    }
  }

  @Test
  void aTimeoutThatRacesWithTheEndOfItsOperationLeavesNoInterrupt() throws Exception {
    Random random = new Random(11);
    int[] over = new int[1];
    Task<Void> task =
        engine.spawn(
            () -> {
              for (int round = 0; round < 2_000; round++) {
                long nanos = 20_000 + random.nextInt(200_000);
                try {
                  Task.timeout(
                      Duration.ofNanos(100_000),
                      () -> {
                        LockSupport.parkNanos(nanos);
                        if (Thread.interrupted()) {
                          throw new InterruptedException();
                        }
                        return null;
                      });
                } catch (TimeoutException e) {
                  over[0]++;
                }
                assertFalse(Thread.currentThread().isInterrupted());
              }
            });
    Rig.get(task);
    assertTrue(over[0] > 0);
  }

  @Test
  void aCancelThatComesTogetherWithATimeoutIsHeard() throws Exception {
    Random random = new Random(12);
    for (int round = 0; round < 500; round++) {
      Task<Void> task =
          engine.spawn(
              () -> {
                for (; ; ) {
                  try {
                    Task.timeout(Duration.ofNanos(300_000), TaskTest::forEver);
                  } catch (TimeoutException e) {
                    // Again.
                  }
                }
              });
      LockSupport.parkNanos(random.nextInt(700_000));
      task.cancel();
      assertInstanceOf(CancellationException.class, Parked.failure(task));
    }
  }

  /** Time passes while somebody sleeps, and when the test says so. */
  private static final class TestClock implements Interval.Clock {
    private long now = Long.MAX_VALUE - 1_000; // it wraps, as that of the system may
    private long slept;

    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public void sleep(Duration time) {
      slept = Math.max(0, time.toNanos());
      now += slept;
    }
  }

  @ParameterizedTest
  @CsvSource({
    // After a tick that came 3.5 periods late: how long the following ones wait.
    "BURST, 0, 0, 0, 0, 500, 1000",
    "DELAY, 0, 1000, 1000, 1000, 1000, 1000",
    "SKIP, 0, 500, 1000, 1000, 1000, 1000",
  })
  void whatWasMissedOfAnIntervalBurstsIsDelayedOrSkipped(
      Interval.Missed missed, int first, int second, int third, int fourth, int fifth, int sixth)
      throws Exception {
    TestClock clock = new TestClock();
    Interval interval = new Interval(Duration.ofNanos(1000), missed, clock);
    interval.tick();
    assertEquals(0, clock.slept, "the first tick is at once");
    interval.tick();
    assertEquals(1000, clock.slept);
    clock.now += 4500;
    for (int expected : new int[] {first, second, third, fourth, fifth, sixth}) {
      interval.tick();
      assertEquals(expected, clock.slept);
    }
  }

  @Test
  void anIntervalNeverTicksEarlyAndNeedsAPeriod() throws Exception {
    Duration period = Duration.ofMillis(2);
    Interval interval = Interval.of(period);
    interval.tick();
    long start = System.nanoTime();
    for (int tick = 0; tick < 5; tick++) {
      interval.tick();
    }
    assertTrue(System.nanoTime() - start >= 4 * period.toNanos());
    assertThrows(IllegalArgumentException.class, () -> Interval.of(Duration.ZERO));
  }

  @Test
  void blockingWorkLeavesTheLoopFreeAndACancelInterruptsIt() throws Exception {
    AtomicReference<Thread> worker = new AtomicReference<>();
    CountDownLatch interrupted = new CountDownLatch(1);
    Parked<Void> parked =
        Parked.in(
            engine,
            () ->
                engine.blocking(
                    () -> {
                      worker.set(Thread.currentThread());
                      try {
                        return forEver();
                      } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                      }
                    }));
    Await.until("it runs", () -> worker.get() != null);
    assertFalse(worker.get().isVirtual());
    assertEquals("free", Rig.get(engine.spawn(() -> "free")));
    parked.task().cancel();
    assertInstanceOf(CancellationException.class, parked.failure());
    interrupted.await();
    assertThrows(
        IOException.class,
        () ->
            engine.blocking(
                () -> {
                  throw new IOException("its own");
                }));
  }

  @Test
  void anInterruptThatRacesWithTheEndOfBlockingWorkHidesNeither() throws Exception {
    rig.captureLogs(); // whether somebody waits for the tasks by then is another race
    for (int round = 0; round < 2_000; round++) {
      Task<Object> task =
          engine.spawn(
              () -> {
                Thread caller = Thread.currentThread();
                return engine.blocking(
                    () -> {
                      caller.interrupt();
                      throw new IOException("its own");
                    });
              });
      Throwable failure = Parked.failure(task);
      assertTrue(
          failure instanceof InterruptedException || failure.getMessage().equals("its own"),
          failure::toString);
    }
  }

  @Test
  void aTaskThatIsSpawnedFromALoopRunsThere() throws Exception {
    for (int i = 0; i < 4; i++) {
      var loop = engine.loops().next();
      Rig.get(
          engine.spawnOn(
              loop,
              () -> {
                assertSame(loop, engine.loop());
                assertSame(loop, engine.spawn(engine::loop).join());
                Task.yield();
                assertSame(loop, engine.loop());
              }));
    }
  }

  @Test
  void tasksThatYieldToEachOtherForEverLeaveTheLoopToItsConnections() throws Exception {
    Engine one = rig.start(Transport.AUTO, options -> options.loops(1));
    AtomicBoolean stop = new AtomicBoolean();
    AtomicInteger turns = new AtomicInteger();
    List<Task<Void>> yielding = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      yielding.add(
          one.spawn(
              () -> {
                while (!stop.get()) {
                  turns.incrementAndGet();
                  Task.yield();
                }
              }));
    }
    SocketChannel client =
        rig.closeLater(Wire.connect(Echo.serve(one, Wire.ANY_PORT).localAddress()));
    long turnsBefore = one.stats().loops().getFirst().turns();
    int before = turns.get();
    for (int i = 0; i < 100; i++) {
      Wire.send(client, new byte[1]);
      Wire.read(client, 1);
    }
    Await.until("they yield on", () -> turns.get() - before > 10_000);
    long polls = one.stats().loops().getFirst().turns() - turnsBefore;
    assertTrue(polls > 1_000, () -> "polled the kernel only " + polls + " times");
    stop.set(true);
    for (Task<Void> task : yielding) {
      Rig.get(task);
    }
  }

  @Test
  void aTaskThatHogsItsLoopIsReportedWithItsStack() throws Exception {
    Logs logs = rig.captureLogs();
    Engine watched =
        rig.start(Transport.AUTO, options -> options.loops(1).taskHogLimit(Duration.ofMillis(20)));
    AtomicBoolean stop = new AtomicBoolean();
    Task<Void> hog = watched.spawn(() -> computesUntil(stop));
    Await.until("it is reported", () -> watched.stats().hogs() == 1);
    stop.set(true);
    Rig.get(hog);
    Await.until("it is told", () -> !logs.formatted().isEmpty()); // it is counted before
    String report = logs.formatted().getFirst();
    assertTrue(report.contains("has held its loop for "), report);
    assertTrue(report.contains("TaskTest.computesUntil("), report);
    assertFalse(report.contains("parked"), report);
  }

  private static void computesUntil(AtomicBoolean stop) {
    while (!stop.get()) {
      Thread.onSpinWait();
    }
  }

  /** Parks its initializer's thread, which cannot leave its carrier meanwhile. */
  private static final class ParksWhenInitialized {
    static final CountDownLatch LATCH = new CountDownLatch(1);

    private ParksWhenInitialized() {}
  }

  private static final class Pinned {
    static final boolean DONE = waits();

    private Pinned() {}

    private static boolean waits() {
      try {
        ParksWhenInitialized.LATCH.await();
        return true;
      } catch (InterruptedException e) {
        return false;
      }
    }
  }

  @Test
  void aTaskThatParksWhilePinnedIsReported() throws Exception {
    Engine watched =
        rig.start(Transport.AUTO, options -> options.loops(1).taskHogLimit(Duration.ofMillis(20)));
    Logs logs = rig.captureLogs();
    Task<Boolean> pinned = watched.spawn(() -> Pinned.DONE);
    Await.until("it is reported", () -> watched.stats().hogs() == 1);
    ParksWhenInitialized.LATCH.countDown();
    assertTrue(Rig.get(pinned));
    Await.until("it is told", () -> !logs.formatted().isEmpty()); // it is counted before
    String report = logs.formatted().getFirst();
    assertTrue(report.contains(", parked while pinned; "), report);
    assertTrue(report.contains("TaskTest$Pinned.waits("), report);
  }

  @Test
  void whatWaitsIsRefusedOnALoopsOwnThread() throws Exception {
    Task<Void> endless = engine.spawn(TaskTest::forEver);
    for (var blocking :
        List.<java.util.concurrent.Callable<?>>of(
            endless::join,
            () -> Task.joinAll(List.of(endless)),
            () -> Task.select(List.of(endless)),
            () -> Task.timeout(NEVER, () -> null),
            () -> engine.blocking(() -> null))) {
      Rig.get(
          engine.loops().submit(() -> assertThrows(IllegalStateException.class, blocking::call)));
    }
    endless.cancel();
  }
}
