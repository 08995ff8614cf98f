package dev.headrace.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for any sink, the hostile one among them. */
class SinkContractTest {
  private interface Opener {
    ByteSink open() throws IOException;
  }

  private record Case(String name, Opener opener) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static ByteStream stream() {
    return Pipes.join(Sources.empty(), new HostileSink());
  }

  private static ByteSink closingBoth(Halves halves) throws IOException {
    halves.source().close();
    return halves.sink();
  }

  private static Pipe pipe = new Pipe(1000);

  private static ByteSink freshPipe() {
    pipe = new Pipe(1000);
    return pipe.sink();
  }

  private static Stream<Case> sinks() {
    return Stream.of(
        new Case("hostile", HostileSink::new),
        new Case("counting", Sinks::counting),
        new Case("output stream", () -> Sinks.of(new ByteArrayOutputStream())),
        new Case("channel", () -> Sinks.of(Channels.newChannel(new ByteArrayOutputStream()))),
        new Case("pipe", SinkContractTest::freshPipe),
        new Case("joined stream", SinkContractTest::stream),
        new Case("half of a stream", () -> closingBoth(Pipes.split(stream()))),
        new Case("buffered", () -> new BufferedSink(new HostileSink())),
        new Case("buffered stream", () -> new BufferedStream(stream())),
        new Case(
            "write behind",
            () -> StandardStreams.writeBehind(OutputStream.nullOutputStream(), "test")));
  }

  @AfterEach
  void everyBufferIsReleased() throws IOException {
    pipe.source().close();
    Buffers.assertNoneLeaked();
  }

  @ParameterizedTest
  @MethodSource("sinks")
  void whatIsSentBelongsToTheSink(Case each) throws IOException {
    ByteSink sink = each.opener().open();
    ByteBuf bytes = Buffers.of("bytes");
    sink.send(bytes);
    sink.flush();
    assertEquals(0, bytes.refCnt());
    ByteBuf none = Buffers.of();
    sink.send(none);
    assertEquals(0, none.refCnt());
    assertEquals(3, sink.write(ByteBuffer.allocate(3)));
    assertEquals(0, sink.write(ByteBuffer.allocate(0)));
    sink.close();
  }

  @ParameterizedTest
  @MethodSource("sinks")
  void anInterruptedTaskSendsNothing(Case each) throws IOException {
    ByteSink sink = each.opener().open();
    ByteBuf bytes = Buffers.of("bytes");
    Thread.currentThread().interrupt();
    assertThrows(InterruptedIOException.class, () -> sink.send(bytes));
    assertFalse(Thread.interrupted());
    assertEquals(1, bytes.refCnt());
    assertEquals(5, bytes.readableBytes());
    ByteBuffer source = ByteBuffer.allocate(3);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedIOException.class, () -> sink.write(source));
    assertEquals(0, source.position());
    sink.send(bytes);
    sink.close();
  }

  @ParameterizedTest
  @MethodSource("sinks")
  void anEndedSinkTakesNothingMore(Case each) throws IOException {
    ByteSink sink = each.opener().open();
    sink.shutdownOutput();
    sink.shutdownOutput();
    ByteBuf bytes = Buffers.of("bytes");
    assertThrows(ClosedChannelException.class, () -> sink.send(bytes));
    assertThrows(ClosedChannelException.class, () -> sink.write(ByteBuffer.allocate(1)));
    assertEquals(1, bytes.refCnt());
    bytes.release();
    sink.close();
  }

  @ParameterizedTest
  @MethodSource("sinks")
  void aClosedSinkIsClosed(Case each) throws IOException {
    ByteSink sink = each.opener().open();
    assertTrue(sink.isOpen());
    sink.close();
    sink.close();
    ByteBuf bytes = Buffers.of("bytes");
    assertThrows(ClosedChannelException.class, () -> sink.send(bytes));
    assertEquals(1, bytes.refCnt());
    bytes.release();
  }
}
