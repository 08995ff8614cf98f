package dev.headrace.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for any source, the hostile one among them. */
class SourceContractTest {
  private static final byte[] CONTENT = "some bytes to read".getBytes(UTF_8);

  private interface Opener {
    ByteSource open() throws IOException;
  }

  private record Case(String name, Opener opener) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static ByteSource hostile() {
    return new HostileSource(CONTENT, new Random(5), 4, call -> false);
  }

  private static Halves pipe() throws IOException {
    Halves pipe = Pipes.simplex(100);
    Streams.writeAll(pipe.sink(), CONTENT);
    pipe.sink().shutdownOutput();
    return pipe;
  }

  private static ByteStream stream() throws IOException {
    return Pipes.join(pipe().source(), Sinks.counting());
  }

  private static Stream<Case> sources() {
    byte[] start = Arrays.copyOf(CONTENT, 5);
    byte[] end = Arrays.copyOfRange(CONTENT, 5, CONTENT.length);
    return Stream.of(
        new Case("hostile", SourceContractTest::hostile),
        new Case("memory", () -> Sources.of(CONTENT)),
        new Case("direct memory", () -> Sources.of(direct())),
        new Case("input stream", () -> Sources.of(new ByteArrayInputStream(CONTENT))),
        new Case(
            "channel", () -> Sources.of(Channels.newChannel(new ByteArrayInputStream(CONTENT)))),
        new Case("take", () -> Sources.take(hostile(), 1000)),
        new Case("chain", () -> Sources.chain(Sources.of(start), Sources.of(end))),
        new Case("pipe", () -> pipe().source()),
        new Case("joined stream", SourceContractTest::stream),
        new Case("half of a stream", () -> closingBoth(Pipes.split(stream()))),
        new Case("buffered", () -> new BufferedSource(hostile())),
        new Case("buffered stream", () -> new BufferedStream(stream())),
        new Case(
            "read ahead",
            () -> StandardStreams.readAhead(new ByteArrayInputStream(CONTENT), "test")));
  }

  private static ByteBuffer direct() {
    ByteBuffer direct = ByteBuffer.allocateDirect(CONTENT.length + 2).position(1);
    return direct.put(CONTENT).position(1).limit(1 + CONTENT.length);
  }

  private static ByteSource closingBoth(Halves halves) throws IOException {
    halves.sink().close();
    return halves.source();
  }

  @AfterEach
  void everyBufferIsReleased() {
    Buffers.assertNoneLeaked();
  }

  @ParameterizedTest
  @MethodSource("sources")
  void allComesInOrderAndThenTheEndAgainAndAgain(Case each) throws IOException {
    ByteSource source = each.opener().open();
    assertEquals(0, source.read(ByteBuffer.allocate(0)));
    assertArrayEquals(CONTENT, Streams.readExact(source, CONTENT.length));
    assertNull(source.receive());
    assertEquals(-1, source.read(ByteBuffer.allocate(1)));
    assertNull(source.receive());
    source.close();
  }

  @ParameterizedTest
  @MethodSource("sources")
  void whatIsPutBackComesNext(Case each) throws IOException {
    ByteSource source = each.opener().open();
    byte[] start = Streams.readExact(source, 7);
    source.unread(Buffers.of(Arrays.copyOfRange(start, 4, 7)));
    source.unread(Buffers.of());
    source.unread(Buffers.of(Arrays.copyOf(start, 4)));
    assertArrayEquals(CONTENT, Streams.readExact(source, CONTENT.length));
    assertNull(source.receive());
    source.unread(Buffers.of(Arrays.copyOfRange(CONTENT, CONTENT.length - 2, CONTENT.length)));
    assertEquals(2, Streams.readToEnd(source, 10).length);
    source.close();
  }

  @ParameterizedTest
  @MethodSource("sources")
  void anInterruptedTaskReadsNothingAndLosesNothing(Case each) throws IOException {
    ByteSource source = each.opener().open();
    for (int left = CONTENT.length; left > 0; left--) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedIOException.class, source::receive);
      assertFalse(Thread.interrupted());
      Thread.currentThread().interrupt();
      assertThrows(InterruptedIOException.class, () -> source.read(ByteBuffer.allocate(1)));
      assertEquals(CONTENT[CONTENT.length - left], Streams.readExact(source, 1)[0]);
    }
    source.close();
  }

  @ParameterizedTest
  @MethodSource("sources")
  void aClosedSourceIsClosed(Case each) throws IOException {
    ByteSource source = each.opener().open();
    assertTrue(source.isOpen());
    ByteBuf held = source.receive();
    source.unread(held);
    source.close();
    source.close();
    assertFalse(source.isOpen());
    assertThrows(ClosedChannelException.class, source::receive);
    assertThrows(ClosedChannelException.class, () -> source.read(ByteBuffer.allocate(1)));
    ByteBuf late = Buffers.of((byte) 1);
    source.unread(late);
    assertEquals(0, late.refCnt());
  }
}
