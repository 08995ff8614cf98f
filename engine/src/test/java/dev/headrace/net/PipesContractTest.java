package dev.headrace.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Task;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Parked;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.io.Streams;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class PipesContractTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private Engine engine;
  @TempDir Path directory;

  PipesContractTest(Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() {
    engine = rig.start(transport);
    assumeTrue(engine.hasEpoll(), "no epoll on this host");
  }

  private Pipes.Ends open() throws IOException {
    Pipes.Ends ends = Pipes.open(engine);
    rig.closeLater(ends.source());
    rig.closeLater(ends.sink());
    return ends;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void whatIsWrittenIsReadInOrderToTheEnd() throws Exception {
    Pipes.Ends pipe = open();
    byte[] all = Wire.randomBytes(new Random(7), 3_000_000);
    Task<Void> writer =
        engine.spawn(
            () -> {
              try (PipeSink sink = pipe.sink()) {
                sink.write(ByteBuffer.wrap(all));
              }
            });
    Task<byte[]> reader =
        engine.spawn(
            () -> {
              ByteArrayOutputStream read = new ByteArrayOutputStream();
              ByteBuffer slice = ByteBuffer.allocate(7_777);
              while (pipe.source().read(slice) >= 0) {
                read.write(slice.array(), 0, slice.position());
                slice.clear();
              }
              return read.toByteArray();
            });
    writer.join();
    assertArrayEquals(all, reader.join());
    assertNull(pipe.source().receive(), "and it stays at the end");
    assertEquals(Transport.EPOLL, pipe.source().transport());
  }

  @Test
  void aSlowReaderStopsItsWriterAndMemoryStaysBounded() throws Exception {
    Pipes.Ends pipe = open();
    AtomicLong written = new AtomicLong();
    Task<Void> writer =
        engine.spawn(
            () -> {
              ByteBuffer kilobyte = ByteBuffer.allocate(1024);
              while (true) {
                written.addAndGet(pipe.sink().write(kilobyte.clear()));
              }
            });
    assertTrue(Await.settled(written::get) <= 256 << 10, () -> written + " bytes went nowhere");
    writer.cancel();
    Await.until("the writer has ended", writer::isDone);
    pipe.sink().close();
    long read = 0;
    for (ByteBuf next = pipe.source().receive(); next != null; next = pipe.source().receive()) {
      read += next.readableBytes();
      next.release();
    }
    assertEquals(written.get(), read, "what was taken arrives");
  }

  @Test
  void aReadThatIsCancelledLosesNoByte() throws Exception {
    Pipes.Ends pipe = open();
    AtomicLong read = new AtomicLong();
    int rounds = 200;
    for (int i = 0; i < rounds; i++) {
      CountDownLatch started = new CountDownLatch(1);
      Task<Void> reader =
          engine.spawn(
              () -> {
                started.countDown();
                ByteBuf next = pipe.source().receive();
                read.addAndGet(next.readableBytes());
                next.release();
              });
      started.await();
      pipe.sink().write(bytes("x"));
      reader.cancel();
      Await.until("it has ended", reader::isDone);
    }
    pipe.sink().close();
    for (ByteBuf next = pipe.source().receive(); next != null; next = pipe.source().receive()) {
      read.addAndGet(next.readableBytes());
      next.release();
    }
    assertEquals(rounds, read.get());
  }

  @Test
  void anAsynchronousReadThatIsCancelledLosesNoByte() throws Exception {
    Pipes.Ends pipe = open();
    CompletableFuture<ByteBuf> first = pipe.source().receiveAsync();
    assertFalse(first.isDone());
    first.cancel(false);
    CompletableFuture<ByteBuf> second = pipe.source().receiveAsync();
    pipe.sink().write(bytes("hello"));
    ByteBuf hello = Rig.get(second);
    assertEquals("hello", hello.toString(StandardCharsets.UTF_8));
    hello.release();
    pipe.sink().close();
    assertNull(Rig.get(pipe.source().receiveAsync()));
  }

  @Test
  void whatIsPutBackComesFirstAndAnInterruptClearsItsStatus() throws Exception {
    Pipes.Ends pipe = open();
    pipe.sink().write(bytes("b"));
    pipe.source().unread(Unpooled.copiedBuffer("a", StandardCharsets.UTF_8));
    CompletableFuture<Boolean> interrupted =
        rig.beside(
            () -> {
              Thread.currentThread().interrupt();
              assertThrows(InterruptedIOException.class, pipe.source()::receive);
              return Thread.currentThread().isInterrupted();
            });
    assertFalse(Rig.get(interrupted));
    ByteBuffer two = ByteBuffer.allocate(2);
    pipe.source().read(two);
    pipe.source().read(two);
    assertEquals("ab", new String(two.array(), StandardCharsets.UTF_8));
  }

  @Test
  void whoWritesIntoAPipeThatNobodyReadsIsTold() throws Exception {
    Pipes.Ends pipe = open();
    pipe.source().close();
    ByteBuf lost = Unpooled.copiedBuffer("lost", StandardCharsets.UTF_8);
    IoFailure broken =
        assertThrows(
            IoFailure.class,
            () -> {
              while (true) {
                ByteBuf copy = lost.copy();
                try {
                  pipe.sink().send(copy.retain());
                } catch (IOException e) {
                  copy.release();
                  throw e;
                } finally {
                  copy.release();
                }
              }
            });
    assertEquals("EPIPE", broken.kind());
    assertTrue(broken.getMessage().contains("nobody reads it"), broken.getMessage());
    lost.release();
  }

  @Test
  void aWriterThatWaitsIsToldWhenItsReaderGoes() throws Exception {
    Pipes.Ends pipe = open();
    AtomicLong written = new AtomicLong();
    Task<Void> writer =
        engine.spawn(
            () -> {
              while (true) {
                written.addAndGet(pipe.sink().write(ByteBuffer.allocate(4096)));
              }
            });
    Await.settled(written::get);
    pipe.source().close();
    Exception ended = assertThrows(Exception.class, writer::join);
    assertEquals("EPIPE", IoFailure.kindOf(ended));
  }

  @Test
  void closingWakesWhoReads() throws Exception {
    Pipes.Ends pipe = open();
    Task<Void> reader =
        engine.spawn(
            () -> {
              assertThrows(ClosedChannelException.class, pipe.source()::receive);
            });
    pipe.source().close();
    reader.join();
    assertFalse(pipe.source().isOpen());
  }

  @Test
  void aNamedPipeCarriesBytesFromOneToTheOther() throws Exception {
    Path fifo = directory.resolve("fifo");
    Pipes.makeFifo(fifo, 0600);
    IoFailure nobody = assertThrows(IoFailure.class, () -> Pipes.openSink(engine, fifo));
    assertTrue(nobody.getMessage().contains("open its source first"), nobody.getMessage());
    try (PipeSource source = Pipes.openSource(engine, fifo)) {
      CompletableFuture<ByteBuf> first = source.receiveAsync();
      assertFalse(first.isDone(), "before the first writer it is not at its end");
      try (PipeSink sink = Pipes.openSink(engine, fifo)) {
        sink.write(bytes("through the file system"));
      }
      ByteBuf read = Rig.get(first);
      assertEquals("through the file system", read.toString(StandardCharsets.UTF_8));
      read.release();
      assertNull(source.receive());
    }
  }

  @Test
  void aFileIsNoNamedPipe() throws Exception {
    Path file = Files.createFile(directory.resolve("file"));
    IOException refused = assertThrows(IOException.class, () -> Pipes.openSource(engine, file));
    assertTrue(refused.getMessage().contains("no named pipe"), refused.getMessage());
    assertThrows(IOException.class, () -> Pipes.makeFifo(file, 0600));
  }

  @Test
  void aPipeCarriesAStreamFurther() throws Exception {
    Pipes.Ends pipe = open();
    UnixStream.Pair pair = UnixStream.pair(engine);
    Task<Long> copying =
        engine.spawn(
            () -> {
              try (UnixStream from = pair.second();
                  PipeSink to = pipe.sink()) {
                return Streams.copy(from, to);
              }
            });
    try (UnixStream first = pair.first()) {
      first.write(ByteBuffer.allocate(200_000));
    }
    long read = 0;
    for (ByteBuf next = pipe.source().receive(); next != null; next = pipe.source().receive()) {
      read += next.readableBytes();
      next.release();
    }
    assertEquals(200_000, read);
    assertEquals(200_000, copying.join());
  }

  @Test
  void closingTheEngineWakesWhoReadsAndLeavesNothing() throws Exception {
    Engine other = rig.start(transport);
    Pipes.Ends pipe = Pipes.open(other);
    CountDownLatch started = new CountDownLatch(2);
    CompletableFuture<Boolean> ended =
        rig.beside(
            () -> {
              started.countDown();
              try {
                return pipe.source().receive() == null; // its sink may be closed first
              } catch (ClosedChannelException e) {
                return true;
              }
            });
    Task<Void> task =
        other.spawn(
            () -> {
              PipeSource source = Pipes.open(other).source();
              started.countDown();
              assertThrows(InterruptedIOException.class, source::receive);
            });
    started.await();
    other.close();
    assertTrue(Rig.get(ended));
    task.join();
    assertThrows(IllegalStateException.class, () -> Pipes.open(other));
  }

  @Test
  void tryingNeverWaits() throws Exception {
    Pipes.Ends pipe = open();
    assertSame(Unpooled.EMPTY_BUFFER, pipe.source().tryReceive());
    pipe.sink().writable();
    assertTrue(pipe.sink().trySend(Unpooled.copiedBuffer("x", StandardCharsets.UTF_8)));
    pipe.sink().flush();
    pipe.source().readable();
    ByteBuf x = pipe.source().tryReceive();
    assertEquals("x", x.toString(StandardCharsets.UTF_8));
    x.release();
  }

  @Test
  void cancellingAsynchronousReadsWhileBytesArriveKeepsTheirOrder() throws Exception {
    Pipes.Ends pipe = open();
    int count = 3_000;
    CompletableFuture<Boolean> writer =
        rig.beside(
            () -> {
              for (int i = 0; i < count; i++) {
                pipe.sink().write(ByteBuffer.allocate(4).putInt(i).flip());
              }
              pipe.sink().close();
              return true;
            });
    ByteBuf read = Unpooled.buffer();
    for (boolean open = true; open; ) {
      CompletableFuture<ByteBuf> next = pipe.source().receiveAsync();
      if (next.cancel(false)) {
        next = pipe.source().receiveAsync();
      }
      ByteBuf bytes = Rig.get(next);
      open = bytes != null;
      if (open) {
        read.writeBytes(bytes);
        bytes.release();
      }
      CompletableFuture<ByteBuf> given = pipe.source().receiveAsync();
      Thread.yield();
      if (!given.cancel(false) && given.join() != null) {
        pipe.source().unread(given.join());
      }
    }
    assertTrue(Rig.get(writer));
    for (int i = 0; i < count; i++) {
      assertEquals(i, read.readInt());
    }
    assertFalse(read.isReadable());
    read.release();
  }

  @Test
  void whatIsPutBackWakesWhoReads() throws Exception {
    Pipes.Ends pipe = open();
    CompletableFuture<ByteBuf> next = pipe.source().receiveAsync();
    pipe.source().unread(Unpooled.copiedBuffer("a", StandardCharsets.UTF_8));
    Rig.get(next).release();
    Parked<ByteBuf> reader = Parked.in(engine, pipe.source()::receive);
    pipe.source().unread(Unpooled.copiedBuffer("b", StandardCharsets.UTF_8));
    Rig.get(reader.task()).release();
  }

  @Test
  void asynchronousWritesWaitForTheirReader() throws Exception {
    Pipes.Ends pipe = open();
    PipeSink sink = pipe.sink();
    long written = 0;
    CompletableFuture<Integer> full = sink.writeAsync(ByteBuffer.allocate(10_000));
    for (; full.isDone(); full = sink.writeAsync(ByteBuffer.allocate(10_000))) {
      written += full.join();
    }
    ByteBuf refused = Unpooled.buffer().writeByte(1);
    assertTrue(sink.sendAsync(refused).isCompletedExceptionally(), "one writes at a time");
    assertEquals(0, refused.refCnt());
    full.cancel(false);
    ByteBuf cancelled = Unpooled.buffer().writeByte(1);
    sink.sendAsync(cancelled).cancel(false);
    assertEquals(0, cancelled.refCnt(), "what was cancelled is released");
    CompletableFuture<Void> sent = sink.sendAsync(Unpooled.buffer().writeByte(7));
    assertFalse(sent.isDone());
    long read = 0;
    CompletableFuture<Void> flushed = null;
    while (read < written + 1) {
      ByteBuf bytes = pipe.source().receive();
      read += bytes.readableBytes();
      bytes.release();
      if (flushed == null && sent.isDone()) {
        Rig.get(sent);
        flushed = sink.flushAsync();
      }
    }
    Rig.get(sent);
    Rig.get(flushed == null ? sink.flushAsync() : flushed);
    assertEquals(written + 1, read);
    assertEquals(0, pipe.source().tryReceive().readableBytes());
  }

  @Test
  void closingFailsAnAsynchronousWriteThatWaits() throws Exception {
    Pipes.Ends pipe = open();
    while (pipe.sink().trySend(Unpooled.buffer().writeZero(10_000))) {
      // until it is full
    }
    CompletableFuture<Void> flushed = pipe.sink().flushAsync();
    assertFalse(flushed.isDone());
    pipe.sink().close();
    assertTrue(flushed.isCompletedExceptionally());
    pipe.source().close();
  }
}
