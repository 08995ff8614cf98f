package dev.headrace.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.headrace.fixture.Await;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code client — a = copy = b — server}, all in memory. */
class BidirectionalCopyTest {
  private final Pipes.Duplex front = Pipes.duplex(16);
  private final Pipes.Duplex back = Pipes.duplex(16);
  private final ByteStream client = front.left();
  private final ByteStream a = front.right();
  private final ByteStream b = back.left();
  private final ByteStream server = back.right();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final ThreadFactory factory =
      body -> {
        Thread thread = Thread.ofVirtual().unstarted(body);
        threads.add(thread);
        return thread;
      };

  @AfterEach
  void noTaskAndNoBufferIsLeft() throws IOException {
    assertEquals(List.of(), threads.stream().filter(Thread::isAlive).toList());
    for (ByteStream end : List.of(client, a, b, server)) {
      end.close();
    }
    Buffers.assertNoneLeaked();
  }

  private Task<Streams.BothWays> copy() {
    return Task.start(() -> Streams.copyBidirectional(a, b, factory));
  }

  private static String text(ByteSource source, int size) throws IOException {
    return new String(Streams.readExact(source, size), UTF_8);
  }

  @Test
  void eachWayEndsOnItsOwnAndIsCounted() throws Exception {
    Task<Streams.BothWays> copy = copy();
    Streams.writeAll(client, "question", UTF_8);
    client.shutdownOutput();
    assertEquals("question", Streams.readToString(server, 100, UTF_8));
    Streams.writeAll(server, "the answer", UTF_8);
    assertEquals("the answer", text(client, 10));
    assertFalse(copy.isDone());
    server.shutdownOutput();
    assertEquals(-1, client.read(ByteBuffer.allocate(1)));
    assertEquals(new Streams.BothWays(8, 10), copy.get());
    assertFalse(copy.endedInterrupted());
  }

  @Test
  void theCallersFailureStopsTheWayBack() throws Exception {
    Task<Streams.BothWays> copy = copy();
    copy.awaitWaiting();
    server.close(); // the way back ends, the way there breaks
    Streams.writeAll(client, "lost?", UTF_8);
    IOException failure = assertThrows(IOException.class, copy::get);
    assertEquals("the pipe is broken: its reading end is closed", failure.getMessage());
    assertEquals("lost?", text(a, 5));
    assertFalse(copy.endedInterrupted());
  }

  @Test
  void aFailureOfTheWayBackStopsTheCaller() throws Exception {
    Task<Streams.BothWays> copy = copy();
    copy.awaitWaiting();
    client.close(); // the way there ends, the way back breaks
    Streams.writeAll(server, "lost?", UTF_8);
    IOException failure = assertThrows(IOException.class, copy::get);
    assertEquals("the pipe is broken: its reading end is closed", failure.getMessage());
    assertEquals("lost?", text(b, 5));
    assertFalse(copy.endedInterrupted());
  }

  @Test
  void aFailureReachesTheCallerWhileItWaitsForBytes() throws Exception {
    Pipe broken = new Pipe(10);
    ByteStream failing = Pipes.join(broken.source(), b);
    Task<Streams.BothWays> copy = Task.start(() -> Streams.copyBidirectional(a, failing, factory));
    copy.awaitWaiting();
    broken.fail(new IOException("cable cut"));
    assertEquals("cable cut", assertThrows(IOException.class, copy::get).getMessage());
    assertFalse(copy.endedInterrupted());
    broken.source().close();
  }

  @Test
  void theInterruptThatStopsTheCallerDoesNotOutliveTheCopy() throws Exception {
    Pipe broken = new Pipe(10);
    // 1. The way back fails, 2. it interrupts the caller, 3. the caller's way ends all the same.
    ByteSource unaware =
        new PulledSource(
            () -> {
              broken.fail(new IOException("cable cut"));
              Await.until("the caller is told", () -> Thread.currentThread().isInterrupted());
              return null;
            });
    Task<Streams.BothWays> copy =
        Task.start(
            () ->
                Streams.copyBidirectional(
                    Pipes.join(unaware, Sinks.counting()),
                    Pipes.join(broken.source(), Sinks.counting()),
                    factory));
    assertEquals("cable cut", assertThrows(IOException.class, copy::get).getMessage());
    assertFalse(copy.endedInterrupted());
  }

  @Test
  void anInterruptStopsBothWaysAndTheyCanGoOn() throws Exception {
    Task<Streams.BothWays> copy = copy();
    copy.awaitWaiting();
    copy.interrupt();
    assertThrows(InterruptedIOException.class, copy::get);
    assertFalse(copy.endedInterrupted());
    assertEquals(List.of(), threads.stream().filter(Thread::isAlive).toList());
    Streams.writeAll(client, "forth", UTF_8);
    Streams.writeAll(server, "back", UTF_8);
    Task<Streams.BothWays> again = copy();
    assertEquals("forth", text(server, 5));
    assertEquals("back", text(client, 4));
    client.shutdownOutput();
    server.shutdownOutput();
    assertEquals(new Streams.BothWays(5, 4), again.get());
  }

  @Test
  void anInterruptAfterTheCallersWayHasEndedStopsTheOther() throws Exception {
    client.shutdownOutput();
    Task<Streams.BothWays> copy = copy();
    assertEquals(-1, server.read(ByteBuffer.allocate(1)));
    copy.awaitWaiting();
    copy.interrupt();
    assertThrows(InterruptedIOException.class, copy::get);
    assertFalse(copy.endedInterrupted());
  }

  @Test
  void whatASlowSideHasNotTakenStaysAtTheFront() throws Exception {
    Streams.writeAll(client, "0123456789abcdef", UTF_8);
    Task<Streams.BothWays> copy = copy();
    Task<Void> writer =
        Task.start(
            () -> {
              Streams.writeAll(client, "ghijklmnopqrstuvwxyz", UTF_8);
              return null;
            });
    writer.get(); // 16 are with the server, 16 with the client, the rest with the copy
    copy.interrupt();
    assertThrows(InterruptedIOException.class, copy::get);
    client.shutdownOutput();
    b.shutdownOutput();
    String got = Streams.readToString(server, 100, UTF_8);
    assertEquals("0123456789abcdefghijklmnopqrstuvwxyz", got + Streams.readToString(a, 100, UTF_8));
  }

  @Test
  void theSecondTaskRunsOnAVirtualThreadOfItsOwn() throws Exception {
    client.shutdownOutput();
    server.shutdownOutput();
    assertEquals(new Streams.BothWays(0, 0), Streams.copyBidirectional(a, b));
  }
}
