package dev.headrace.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.EngineStats;
import dev.headrace.FileBackend;
import dev.headrace.Task;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.FilePlace;
import dev.headrace.fixture.Parked;
import dev.headrace.fixture.Rig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Operations that wait or are with the kernel when they are cancelled, interrupted or closed. A
 * named pipe that nobody writes to holds whoever opens it to read on a thread, and whoever reads it
 * on a ring, so that two of them use up the slots of a loop for as long as a test likes.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.FilePlace#all")
@Timeout(20)
class FileCancelTest {
  @RegisterExtension final Rig rig = new Rig();
  @TempDir Path directory;
  private final FilePlace place;
  private Engine engine;
  private Path fifo;
  private AsyncFile file;
  private AsyncFile other; // where a test needs one
  private long waitedBefore;
  private AsyncFile pipe; // on a ring, which opens it without waiting

  FileCancelTest(FilePlace place) {
    this.place = place;
  }

  @BeforeEach
  void start() throws Exception {
    engine = place.start(rig, options -> options.loops(1).fileOperationsPerLoop(2).fileWorkers(2));
    fifo = Content.fifo(directory.resolve("fifo"));
    Path path = Files.writeString(directory.resolve("file"), "0123456789");
    file = rig.closeLater(AsyncFile.open(engine, path, OpenOptions.readingAndWriting()));
  }

  @AfterEach
  void nothingStaysOpen() throws Exception {
    vacate();
    file.close();
    for (AsyncFile each : new AsyncFile[] {pipe, other}) {
      if (each != null) {
        each.close();
      }
    }
    Await.until("all descriptors are closed", () -> Content.descriptors(directory) == 0);
  }

  private EngineStats.Files stats() {
    return engine.stats().loops().getFirst().files();
  }

  /** Begins what the pipe holds. */
  private CompletableFuture<?> held() throws IOException {
    if (place.backend() == FileBackend.THREADS) {
      var opening = AsyncFile.openAsync(engine, fifo, OpenOptions.reading());
      opening.whenComplete((opened, failure) -> closeIfOpen(opened));
      return opening;
    }
    if (pipe == null) {
      pipe = AsyncFile.open(engine, fifo, OpenOptions.readingAndWriting());
    }
    ByteBuf target = Unpooled.directBuffer(1, 1);
    CompletableFuture<?> read = pipe.readAsync(target, 0);
    target.release();
    return read;
  }

  private static void closeIfOpen(AsyncFile opened) {
    if (opened != null) {
      opened.closeAsync();
    }
  }

  /** Uses up the slots. */
  private List<CompletableFuture<?>> occupy() throws IOException {
    List<CompletableFuture<?>> both = List.of(held(), held());
    Await.until(
        "the pipe holds both",
        () ->
            stats().inFlight() == 2
                && (place.backend() == FileBackend.RING || Content.waitingInOpen() == 2));
    waitedBefore = stats().waited();
    return both;
  }

  private void awaitWaiting(int count) {
    Await.until("they wait", () -> stats().waited() == waitedBefore + count);
  }

  /** Lets them go on. */
  private void vacate() throws IOException {
    var both = Files.newByteChannel(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      both.write(ByteBuffer.allocate(2));
      Await.until("the slots are free", () -> stats().inFlight() == 0);
    } finally {
      both.close();
    }
  }

  @Test
  void whatWaitsForASlotIsCancelledAtOnceAndNeverDone() throws Exception {
    occupy();
    ByteBuf source = Unpooled.directBuffer().writeBytes("xyz".getBytes());
    CompletableFuture<Integer> write = file.writeAsync(source, 0);
    CompletableFuture<Integer> read = file.readAsync(ByteBuffer.allocateDirect(3), 0);
    CompletableFuture<Integer> atCursor = file.readAsync(ByteBuffer.allocate(3));
    awaitWaiting(3);
    assertEquals(2, source.refCnt());
    for (CompletableFuture<Integer> each : List.of(write, read, atCursor)) {
      assertTrue(each.cancel(false));
      assertThrows(CancellationException.class, each::join);
    }
    assertEquals(1, source.refCnt());
    CompletableFuture<Integer> next = file.readAsync(ByteBuffer.allocate(4)); // the cursor is free
    vacate();
    assertEquals(4, Rig.get(next));
    assertEquals("0123456789", Files.readString(file.path()));
    source.release();
  }

  @Test
  void aTaskThatWaitsForASlotIsInterrupted() throws Exception {
    occupy();
    ByteBuffer target = ByteBuffer.allocateDirect(3);
    Parked<Integer> task = Parked.in(engine, () -> file.read(target));
    awaitWaiting(1);
    task.task().cancel();
    assertInstanceOf(CancellationException.class, task.failure());
    Task<String> timed =
        engine.spawn(
            () -> {
              assertThrows(
                  TimeoutException.class,
                  () -> Task.timeout(Duration.ofMillis(1), () -> file.write(target, 0)));
              return "over";
            });
    assertEquals("over", timed.join());
    assertEquals(0, target.position());
    vacate();
    assertEquals(3, file.read(target));
  }

  @Test
  void whatIsCancelledInFlightIsOverAtOnceAndLeavesNothingBehind() throws Exception {
    for (CompletableFuture<?> each : occupy()) {
      assertTrue(each.cancel(true));
      assertThrows(CancellationException.class, each::join);
    }
    if (place.backend() == FileBackend.THREADS) {
      assertEquals(2, Content.waitingInOpen()); // no thread is stopped in the middle
      vacate();
    }
    Await.until("the slots are free", () -> stats().inFlight() == 0);
    assertEquals("0123456789", Content.text(file.receive()));
    long open = pipe == null ? 1 : 2;
    Await.until("nothing else is open", () -> Content.descriptors(directory) == open);
  }

  @Test
  void aTaskThatIsInterruptedInFlightEndsAtOnce() throws Exception {
    occupy();
    vacate();
    Parked<?> task =
        Parked.in(
            engine,
            () ->
                place.backend() == FileBackend.THREADS
                    ? AsyncFile.open(engine, fifo, OpenOptions.reading())
                    : pipe.read(ByteBuffer.allocateDirect(1)));
    Await.until("it is in flight", () -> stats().inFlight() == 1);
    task.task().cancel();
    Throwable failure = task.failure();
    assertInstanceOf(CancellationException.class, failure);
    if (pipe != null) { // the cursor is free, and the memory: the kernel has let go
      assertEquals(0, stats().inFlight());
      assertEquals(0, pipe.position());
      pipe.position(0);
    }
  }

  @Test
  void whatNoThreadHasBegunIsCancelledAtOnceAndNeverBegins() throws Exception {
    assumeTrue(place.backend() == FileBackend.THREADS, "a ring has no threads that are busy");
    Engine busy =
        place.start(rig, options -> options.loops(1).fileOperationsPerLoop(8).fileWorkers(1));
    AsyncFile written = AsyncFile.open(busy, file.path(), OpenOptions.readingAndWriting());
    CompletableFuture<AsyncFile> opening = AsyncFile.openAsync(busy, fifo, OpenOptions.reading());
    Await.until("the only thread waits", () -> Content.waitingInOpen() == 1);
    ByteBuffer source = Content.direct("xyz");
    CompletableFuture<Integer> write = written.writeAsync(source);
    Await.until("it is in flight", () -> Content.inFlight(busy) == 2);
    write.cancel(false);
    assertThrows(CancellationException.class, () -> Rig.get(write));
    assertEquals(0, source.position());
    Parked<Integer> task = Parked.in(busy, () -> written.write(Content.bytes("abc")));
    Await.until("it is in flight", () -> Content.inFlight(busy) == 2);
    task.task().cancel();
    assertInstanceOf(CancellationException.class, task.failure());
    var both = Files.newByteChannel(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Rig.get(opening).close();
    both.close();
    assertEquals(10, written.read(ByteBuffer.allocate(20))); // at the cursor, which is free
    written.close();
    assertEquals("0123456789", Files.readString(file.path()));
  }

  @Test
  void closingTheEngineEndsWhatWaitsAndWhatTheKernelNeverEnds() throws Exception {
    List<CompletableFuture<?>> inFlight = occupy();
    List<CompletableFuture<?>> waiting = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      waiting.add(AsyncFile.openAsync(engine, file.path(), OpenOptions.reading()));
    }
    CompletableFuture<AsyncFile> blocked =
        rig.beside(() -> AsyncFile.open(engine, file.path(), OpenOptions.reading()));
    awaitWaiting(10_001);
    CompletableFuture<?> closing =
        rig.beside(
            () -> {
              engine.close();
              return null;
            });
    for (CompletableFuture<?> each : inFlight) {
      failure(each); // it is told, also where a thread can do nothing about it
    }
    for (CompletableFuture<?> each : waiting) {
      assertInstanceOf(IllegalStateException.class, failure(each));
    }
    assertInstanceOf(IllegalStateException.class, failure(blocked));
    var both = Files.newByteChannel(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE);
    Rig.get(closing);
    Await.until(
        "only this test has anything open",
        () -> Content.waitingInOpen() == 0 && Content.descriptors(directory) == 1);
    both.close();
  }

  @Test
  void closingAFileFailsWhatWaitsForItAndLeavesTheOthersAlone() throws Exception {
    other = AsyncFile.open(engine, file.path(), OpenOptions.reading());
    occupy();
    ByteBuf target = Unpooled.directBuffer(3, 3);
    CompletableFuture<Integer> ofFile = file.readAsync(target, 0);
    CompletableFuture<Integer> begunByThat =
        ofFile.handle((n, e) -> other.readAsync(ByteBuffer.allocate(2), 0)).thenCompose(r -> r);
    CompletableFuture<Integer> ofOther = other.readAsync(ByteBuffer.allocate(5), 0);
    Parked<Integer> task = Parked.in(engine, () -> file.read(ByteBuffer.allocate(1), 0));
    awaitWaiting(3);
    CompletableFuture<Void> closed = file.closeAsync();
    assertInstanceOf(AsynchronousCloseException.class, failure(ofFile));
    assertInstanceOf(AsynchronousCloseException.class, task.failure());
    assertInstanceOf(
        ClosedChannelException.class, failure(file.readAsync(ByteBuffer.allocate(1), 0)));
    assertEquals(1, target.refCnt());
    target.release();
    assertFalse(closed.isDone()); // it waits for a slot as well
    vacate();
    Rig.get(closed);
    assertEquals(5, Rig.get(ofOther));
    assertEquals(2, Rig.get(begunByThat));
  }

  private static Throwable failure(CompletableFuture<?> future) {
    return assertThrows(ExecutionException.class, () -> Rig.get(future)).getCause();
  }

  @Test
  void pastTheMostThatMayWaitAFutureFailsAndATaskWaits() throws Exception {
    other = AsyncFile.open(engine, file.path(), OpenOptions.reading());
    occupy();
    ByteBuffer none = ByteBuffer.allocateDirect(1);
    List<CompletableFuture<Integer>> waiting = new ArrayList<>();
    for (int i = 0; i < 16_384; i++) {
      waiting.add(file.readAsync(none.duplicate(), 0));
    }
    Throwable refusal = failure(file.readAsync(ByteBuffer.allocate(1), 0));
    assertInstanceOf(RejectedExecutionException.class, refusal);
    assertTrue(refusal.getMessage().contains("2 file operations are in flight"), refusal::toString);
    assertTrue(refusal.getMessage().contains("16384 wait"), refusal::toString);
    Parked<Integer> task = Parked.in(engine, () -> file.read(ByteBuffer.allocate(2), 0));
    CompletableFuture<Void> closed = other.closeAsync();
    waiting.subList(0, 3).forEach(each -> each.cancel(false)); // the task and the close wait too
    CompletableFuture<Integer> inItsPlace = file.readAsync(ByteBuffer.allocate(4), 0);
    vacate();
    assertEquals(2, Rig.get(task.task()));
    assertEquals(4, Rig.get(inItsPlace));
    for (CompletableFuture<Integer> each : waiting.subList(3, waiting.size())) {
      assertEquals(1, Rig.get(each));
    }
    Rig.get(closed);
    assertEquals(2, stats().peak());
  }

  @Test
  void numbersThatAreUsedAgainNeverSeeAnothersCompletion() throws Exception {
    int files = 4;
    byte[][] contents = new byte[files][];
    Path[] paths = new Path[files];
    for (int i = 0; i < files; i++) {
      contents[i] = Content.random(64 << 10, i);
      paths[i] = Files.write(directory.resolve("n" + i), contents[i]);
    }
    List<Task<?>> tasks = new ArrayList<>();
    for (int worker = 0; worker < files; worker++) {
      int of = worker;
      tasks.add(
          engine.spawn(
              () -> {
                for (int round = 0; round < 100; round++) {
                  openReadCancelAndClose(paths[of], contents[of], round);
                }
                return null;
              }));
    }
    for (Task<?> task : tasks) {
      task.join();
    }
  }

  private void openReadCancelAndClose(Path path, byte[] content, int round) throws Exception {
    AsyncFile opened = AsyncFile.open(engine, path, OpenOptions.reading());
    List<ByteBuf> targets = new ArrayList<>();
    List<CompletableFuture<Integer>> reads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      ByteBuf target = Unpooled.directBuffer(8192, 8192);
      targets.add(target);
      reads.add(opened.readAsync(target, i * 8192L));
    }
    reads.get(round % 8).cancel(false);
    if (round % 2 == 0) {
      opened.close();
    }
    for (int i = 0; i < 8; i++) {
      ByteBuf target = targets.get(i);
      try {
        assertEquals(8192, reads.get(i).get());
        byte[] found = new byte[8192];
        target.readBytes(found);
        assertArrayEquals(java.util.Arrays.copyOfRange(content, i * 8192, (i + 1) * 8192), found);
      } catch (CancellationException e) {
        assertEquals(round % 8, i);
      } catch (ExecutionException e) {
        assertInstanceOf(AsynchronousCloseException.class, e.getCause());
        assertEquals(0, round % 2);
      }
      target.release();
    }
    opened.close();
  }
}
