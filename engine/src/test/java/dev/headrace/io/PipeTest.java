package dev.headrace.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PipeTest {
  private final Pipe pipe = new Pipe(10);

  @AfterEach
  void everyBufferIsReleased() throws IOException {
    pipe.source().close();
    Buffers.assertNoneLeaked();
  }

  @Test
  void aWriterWaitsAtTheCapacity() throws Exception {
    ByteBuffer source = ByteBuffer.wrap("0123456789abcde".getBytes(UTF_8));
    Task<Integer> writer = Task.start(() -> pipe.sink().write(source));
    writer.awaitWaiting();
    assertEquals(10, source.position());
    assertEquals("0123456789", new String(Buffers.bytes(pipe.source().receive()), UTF_8));
    assertEquals(15, writer.get());
    assertEquals("abcde", new String(Streams.readExact(pipe.source(), 5), UTF_8));
  }

  @Test
  void aLargerBufferWaitsUntilThePipeIsEmptyAndGoesWhole() throws Exception {
    Streams.writeAll(pipe.sink(), new byte[1]);
    ByteBuf large = Buffers.of(new byte[300]);
    Task<Void> writer =
        Task.start(
            () -> {
              pipe.sink().send(large);
              return null;
            });
    writer.awaitWaiting();
    pipe.source().receive().release();
    writer.get();
    assertEquals(300, Buffers.bytes(pipe.source().receive()).length);
  }

  @Test
  void aReaderWaitsWhileThereIsNothing() throws Exception {
    Task<byte[]> reader = Task.start(() -> Streams.readExact(pipe.source(), 2));
    reader.awaitWaiting();
    Streams.writeAll(pipe.sink(), new byte[1]);
    reader.awaitWaiting();
    Streams.writeAll(pipe.sink(), new byte[1]);
    assertEquals(2, reader.get().length);
  }

  @Test
  void tinyPiecesDoNotCostABufferEach() throws IOException {
    Pipe wide = new Pipe(5000);
    for (int i = 0; i < 4000; i++) {
      wide.sink().send(Buffers.of((byte) i));
    }
    assertEquals(4000, Buffers.bytes(wide.source().receive()).length);
    wide.source().close();
  }

  @Test
  void theEndComesAfterAllThatWasWritten() throws IOException {
    Streams.writeAll(pipe.sink(), new byte[3]);
    pipe.sink().shutdownOutput();
    pipe.sink().shutdownOutput();
    assertEquals(3, Streams.readToEnd(pipe.source(), 10).length);
    assertNull(pipe.source().receive());
    assertThrows(ClosedChannelException.class, () -> pipe.sink().write(ByteBuffer.allocate(1)));
  }

  @Test
  void aFailureComesAfterAllThatWasWritten() throws IOException {
    Streams.writeAll(pipe.sink(), new byte[3]);
    pipe.fail(new IOException("no more"));
    assertEquals(3, Buffers.bytes(pipe.source().receive()).length);
    IOException failure = assertThrows(IOException.class, () -> pipe.source().receive());
    assertEquals("no more", failure.getMessage());
  }

  @Test
  void aWriterThatWaitsLearnsThatItsReaderIsGone() throws Exception {
    Task<Integer> writer = Task.start(() -> pipe.sink().write(ByteBuffer.allocate(20)));
    writer.awaitWaiting();
    pipe.source().close();
    assertTrue(assertThrows(IOException.class, writer::get).getMessage().contains("broken"));
  }

  @Test
  void closingFromElsewhereWakesWhoeverWaits() throws Exception {
    Task<ByteBuf> reader = Task.start(() -> pipe.source().receive());
    reader.awaitWaiting();
    pipe.source().close();
    assertThrows(ClosedChannelException.class, reader::get);
    Pipe other = new Pipe(1);
    Task<Integer> writer = Task.start(() -> other.sink().write(ByteBuffer.allocate(2)));
    writer.awaitWaiting();
    other.sink().close();
    assertThrows(ClosedChannelException.class, writer::get);
    other.source().close();
  }

  @Test
  void anInterruptedReaderReadsOn() throws Exception {
    Task<ByteBuf> reader = Task.start(() -> pipe.source().receive());
    reader.awaitWaiting();
    reader.interrupt();
    assertThrows(InterruptedIOException.class, reader::get);
    assertFalse(reader.endedInterrupted());
    Streams.writeAll(pipe.sink(), new byte[] {7});
    assertEquals(7, Buffers.bytes(pipe.source().receive())[0]);
  }

  @Test
  void anInterruptedWriterKnowsWhatWasTaken() throws Exception {
    ByteBuffer source = ByteBuffer.allocate(15);
    Task<Integer> writer = Task.start(() -> pipe.sink().write(source));
    writer.awaitWaiting();
    writer.interrupt();
    assertThrows(InterruptedIOException.class, writer::get);
    assertEquals(10, source.position());
    ByteBuf one = Buffers.of((byte) 1);
    Task<Void> sender =
        Task.start(
            () -> {
              pipe.sink().send(one);
              return null;
            });
    sender.awaitWaiting();
    sender.interrupt();
    assertThrows(InterruptedIOException.class, sender::get);
    assertEquals(1, one.refCnt());
    one.release();
    assertEquals(10, Buffers.bytes(pipe.source().receive()).length);
    assertFalse(sender.endedInterrupted());
  }

  @Test
  void aDuplexRefusesNoCapacity() {
    assertThrows(IllegalArgumentException.class, () -> Pipes.duplex(0));
  }

  @Test
  void anEmptyWriteDoesNotWait() throws IOException {
    Streams.writeAll(pipe.sink(), new byte[10]);
    pipe.source().unread(Buffers.of((byte) 1));
    assertEquals(0, pipe.sink().write(ByteBuffer.allocate(0)));
    pipe.sink().send(Buffers.of());
    assertEquals(11, Streams.readExact(pipe.source(), 11).length);
  }
}
