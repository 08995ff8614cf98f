package dev.headrace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.fixture.Await;
import dev.headrace.fixture.Logs;
import dev.headrace.fixture.Pair;
import dev.headrace.fixture.Parked;
import dev.headrace.fixture.Place;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.io.Streams;
import dev.headrace.net.SocketStream;
import dev.headrace.net.StreamListener;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Closing an engine whose tasks do whatever they do; the rig counts what is left. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#all")
@Timeout(60)
class EngineCloseTest {
  private static final Duration NEVER = Duration.ofDays(1000);

  @RegisterExtension final Rig rig = new Rig();
  private final Place place;
  private Engine engine;

  EngineCloseTest(Place place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine = rig.start(place.transport(), options -> options.drainTimeout(Duration.ofMillis(100)));
  }

  @Test
  void everyTaskEndsWhateverItWaitsForAndNothingIsWorthAWarning() throws Exception {
    Logs logs = rig.captureLogs();
    ReentrantLock held = new ReentrantLock();
    held.lock();
    CompletableFuture<Void> never = new CompletableFuture<>();
    StreamListener<?> listener = StreamListener.bind(engine, place.free());
    StreamListener<?> echo = StreamListener.bind(engine, place.free());
    engine.spawn(() -> echo.serve(client -> Streams.copy(client, client)));
    SocketStream out = SocketStream.connect(engine, echo.localAddress());
    SocketStream idle = Pair.connect(rig, engine, place).stream();
    List<Parked<?>> waiting = new ArrayList<>();
    waiting.add(Parked.in(engine, idle::receive));
    waiting.add(Parked.in(engine, out::receive));
    waiting.add(Parked.in(engine, listener::accept));
    waiting.add(Parked.in(engine, never::get));
    waiting.add(Parked.in(engine, () -> engine.blocking(() -> never.get())));
    waiting.add(
        Parked.in(
            engine,
            () -> {
              Task.sleep(NEVER);
              return null;
            }));
    waiting.add(
        Parked.in(
            engine,
            () -> {
              held.lockInterruptibly();
              return null;
            }));
    waiting.add(Parked.in(engine, waiting.get(3).task()::join));
    List<CompletableFuture<Boolean>> clients = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      SocketChannel client = rig.closeLater(Wire.connect(echo.localAddress()));
      Wire.send(client, new byte[100]);
      Wire.read(client, 100);
      clients.add(rig.beside(() -> asksUntilItEnds(client)));
    }
    engine.close();
    for (Parked<?> parked : waiting) {
      assertTrue(parked.task().isDone(), parked::toString);
    }
    for (CompletableFuture<Boolean> client : clients) {
      assertTrue(Rig.get(client));
    }
    assertThrows(RejectedExecutionException.class, () -> engine.spawn(() -> "too late"));
    assertEquals(0, engine.stats().openTasks());
    assertEquals(List.of(), logs.warnings());
  }

  private static boolean asksUntilItEnds(SocketChannel client) {
    try {
      for (; ; ) {
        Wire.send(client, new byte[64]);
        Wire.read(client, 64);
      }
    } catch (java.io.IOException ended) {
      return true;
    }
  }

  @Test
  void aTaskThatIgnoresItsInterruptIsToldAndASecondCloseWaits() throws Exception {
    Logs logs = rig.captureLogs();
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch started = new CountDownLatch(1);
    Task<String> stubborn =
        engine.spawn(
            () -> {
              started.countDown();
              while (!stop.get()) {
                LockSupport.parkNanos(1_000_000);
                Thread.interrupted(); // heard, and not heeded
              }
              return "ended by itself";
            });
    started.await();
    CompletableFuture<Boolean> first =
        rig.beside(
            () -> {
              engine.close();
              return true;
            });
    Await.until("no task is started any more", this::refusesTasks);
    engine.close();
    assertTrue(engine.loops().isTerminated());
    assertTrue(Rig.get(first));
    assertTrue(
        logs.warnings().stream().anyMatch(line -> line.startsWith("{0} {1}; it is at")),
        () -> logs.warnings().toString());
    assertFalse(stubborn.isDone());
    stop.set(true);
    assertEquals("ended by itself", Rig.get(stubborn));
  }

  private boolean refusesTasks() {
    try {
      engine.spawn(() -> {});
      return false;
    } catch (RejectedExecutionException e) {
      return true;
    }
  }
}
