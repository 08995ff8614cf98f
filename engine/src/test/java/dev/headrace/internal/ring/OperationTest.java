package dev.headrace.internal.ring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.FileBackend;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.FilePlace;
import dev.headrace.fixture.Logs;
import dev.headrace.fixture.Rig;
import dev.headrace.internal.loop.LoopGroup;
import dev.headrace.linux.Errno;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoOps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Answers that no kernel can be made to give, by a double of a request. */
@Timeout(60)
class OperationTest {
  @RegisterExtension final Rig rig = new Rig();

  /** No system call: gives one answer after the other. */
  private static final class Scripted implements Request<Long> {
    private final Deque<Long> answers;
    private final int opcode;
    private long last;
    private int asked;
    private volatile int released;

    Scripted(int opcode, Long... answers) {
      this.opcode = opcode;
      this.answers = new ArrayDeque<>(List.of(answers));
    }

    @Override
    public String name() {
      return "scripted";
    }

    @Override
    public int opcode() {
      return opcode;
    }

    @Override
    public IoUringIoOps submission(short tag, byte flags) {
      throw new AssertionError("it is done by threads");
    }

    @Override
    public long call() {
      asked++;
      return answers.remove();
    }

    @Override
    public boolean again(long result) {
      last = result;
      return false;
    }

    @Override
    public Long value() throws IOException {
      if (last < 0) {
        throw FileFailures.of("scripted", "a path", last);
      }
      return last;
    }

    @Override
    public void release() {
      released++;
    }
  }

  private static LoopFiles files(Engine engine) {
    return ((LoopGroup) engine.loops()).files().currentOrNext();
  }

  private LoopFiles threads() {
    return files(new FilePlace(Transport.NIO, FileBackend.THREADS).start(rig));
  }

  @Test
  void whatIsInterruptedOrTriedTooEarlyIsAskedAgain() throws Exception {
    LoopFiles files = threads();
    long interrupted = -Errno.EINTR;
    Scripted request =
        new Scripted(FileRequests.NO_OPCODE, interrupted, interrupted, (long) -Errno.EAGAIN, 7L);
    assertEquals(7, Rig.get(new Operation<>(files, null, request, true).start()));
    assertEquals(4, request.asked);
    assertEquals(1, request.released);
  }

  @Test
  void whatWouldStillWaitAfterASecondTryFails() {
    Scripted request =
        new Scripted(FileRequests.NO_OPCODE, (long) -Errno.EAGAIN, (long) -Errno.EAGAIN);
    Operation<Long> operation = new Operation<>(threads(), null, request, true);
    IOException failure = assertThrows(IOException.class, operation::await);
    assertTrue(failure.getMessage().contains("EAGAIN"), failure::toString);
    assertEquals(1, request.released);
  }

  @Test
  void aDescriptorIsClosedOnceWhateverTheKernelSays() {
    Scripted request = new Scripted(Sqe.CLOSE, (long) -Errno.EINTR);
    assertThrows(IOException.class, () -> new Operation<>(threads(), null, request, true).await());
    assertEquals(1, request.asked);
  }

  @Test
  void aSyncThatFailsIsToldAndNotTriedAgain() {
    Scripted request = new Scripted(FileRequests.NO_OPCODE, (long) -Errno.EIO);
    IOException failure =
        assertThrows(
            IOException.class, () -> new Operation<>(threads(), null, request, true).await());
    assertTrue(failure.getMessage().contains("the device failed"), failure::toString);
    assertEquals(1, request.asked);
  }

  @Test
  void whatWasAskedToStopIsNotAskedAgain() {
    for (long answer : new long[] {-Errno.EINTR, -Errno.EAGAIN}) {
      Scripted request = new Scripted(FileRequests.NO_OPCODE);
      Operation<Long> operation = new Operation<>(threads(), null, request, true);
      operation.stop();
      assertEquals(false, operation.again(answer));
      assertEquals(-Errno.ECANCELED, request.last);
    }
  }

  @Test
  void aWriteThatIsStoppedHalfWayTellsHowFarItCame() {
    ByteBuffer source = ByteBuffer.allocateDirect(100);
    Transfer write = new Transfer(true, OpenFile.CLOSED, Memory.source(source), 0);
    Operation<Integer> operation = new Operation<>(threads(), null, write, false);
    assertEquals(true, operation.again(30)); // a short write: the rest is asked for
    operation.stop();
    assertEquals(false, operation.again(30));
    FileFailures.Cancelled stopped = assertThrows(FileFailures.Cancelled.class, write::value);
    assertEquals(60, stopped.bytesTransferred());
    assertEquals(60, source.position());
  }

  @Test
  void shortReadsOfPiecesGoOnWhereTheyWere() throws Exception {
    ByteBuffer[] pieces = {
      ByteBuffer.allocateDirect(3), ByteBuffer.allocateDirect(0), ByteBuffer.allocateDirect(5)
    };
    List<Memory> memory = java.util.Arrays.stream(pieces).map(Memory::target).toList();
    VectoredTransfer read = new VectoredTransfer(false, OpenFile.CLOSED, memory, 0);
    assertEquals(true, read.again(1));
    assertEquals(true, read.again(2));
    assertEquals(true, read.again(4));
    assertEquals(false, read.again(0)); // the end of the file
    assertEquals(7, read.value());
    assertEquals(3, pieces[0].position());
    assertEquals(4, pieces[2].position());
    read.release();
  }

  @Test
  void aCompletionThatComesTwiceOrLateIsReportedAndTakenForNobodys() throws Exception {
    Engine engine = new FilePlace(Transport.IO_URING, FileBackend.RING).start(rig);
    Logs logs = rig.captureLogs();
    LoopFiles files = files(engine);
    RingDriver driver = new RingDriver(files, files.loop(), 4);
    CompletableFuture<Void> handled =
        CompletableFuture.runAsync(
            () -> driver.handle(null, new IoUringIoEvent(42, 0, (byte) Sqe.READ, 1L << 10 | 3)),
            files.loop());
    Rig.get(handled);
    assertEquals(1, logs.warnings().size(), logs.warnings()::toString);
    assertTrue(logs.warnings().getFirst().contains("completed twice"), logs.warnings()::toString);
    assertEquals(0, files.stats().inFlight());
  }

  @Test
  void whatTheKernelHasDoneThoughItWasCancelledTellsItsResult() throws Exception {
    CompletableFuture<Void> begun = new CompletableFuture<>();
    CompletableFuture<Void> mayEnd = new CompletableFuture<>();
    Scripted inner = new Scripted(FileRequests.NO_OPCODE, 5L);
    Request<Long> request = new Held(inner, begun, mayEnd);
    Operation<Long> operation = new Operation<>(threads(), null, request, false);
    CompletableFuture<Long> started = operation.start();
    Rig.get(begun); // 1. a thread works on it
    assertEquals(false, started.cancel(false)); // 2. which cannot be stopped
    mayEnd.complete(null); // 3. and ends
    assertEquals(5, Rig.get(started));
    assertEquals(1, inner.released);
  }

  @Test
  void whatIsAbandonedIsReleasedOnlyWhenTheKernelIsDone() throws Exception {
    CompletableFuture<Void> begun = new CompletableFuture<>();
    CompletableFuture<Void> mayEnd = new CompletableFuture<>();
    Scripted inner = new Scripted(FileRequests.NO_OPCODE, 5L);
    LoopFiles files = threads();
    Operation<Long> operation = new Operation<>(files, null, new Held(inner, begun, mayEnd), true);
    operation.start();
    Rig.get(begun);
    assertEquals(true, operation.cancel(false));
    assertThrows(CancellationException.class, operation::join);
    assertEquals(0, inner.released);
    assertEquals(1, files.stats().inFlight());
    mayEnd.complete(null);
    Await.until("the slot is free", () -> files.stats().inFlight() == 0);
    Await.until("it is released", () -> inner.released == 1);
  }

  /** A system call that ends when the test likes. */
  private record Held(Scripted inner, CompletableFuture<Void> begun, CompletableFuture<Void> mayEnd)
      implements Request<Long> {
    @Override
    public String name() {
      return inner.name();
    }

    @Override
    public int opcode() {
      return inner.opcode();
    }

    @Override
    public IoUringIoOps submission(short tag, byte flags) {
      return inner.submission(tag, flags);
    }

    @Override
    public long call() {
      begun.complete(null);
      mayEnd.join();
      return inner.call();
    }

    @Override
    public boolean again(long result) {
      return inner.again(result);
    }

    @Override
    public Long value() throws IOException {
      return inner.value();
    }

    @Override
    public void release() {
      inner.release();
    }
  }
}
