package dev.headrace.io;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StreamsTest {
  private static final byte[] HELLO = "hello, world".getBytes(UTF_8);

  @AfterEach
  void everyBufferIsReleased() {
    Buffers.assertNoneLeaked();
  }

  @Test
  void copyGivesAllAndEndsNothing() throws IOException {
    CountingSink sink = Sinks.counting();
    assertEquals(HELLO.length, Streams.copy(Sources.of(HELLO), sink));
    assertEquals(HELLO.length, sink.count());
    Streams.writeAll(sink, HELLO);
    assertEquals(2 * HELLO.length, sink.count());
  }

  @Test
  void readExactSaysAfterHowManyBytesTheSourceEnded() throws IOException {
    MemorySource source = Sources.of(HELLO);
    ByteBuffer target = ByteBuffer.allocate(20);
    EOFException early = assertThrows(EOFException.class, () -> Streams.readExact(source, target));
    assertEquals("the source ended after 12 of 20 bytes", early.getMessage());
    assertEquals(12, target.position());
    source.rewind();
    assertThrows(EOFException.class, () -> Streams.readExact(source, 13));
    assertArrayEquals(HELLO, Streams.readExact(source, 12));
    assertArrayEquals(new byte[0], Streams.readExact(source, 0));
  }

  @Test
  void readToEndRefusesMoreThanItsLimitAndHasReadNothing() throws IOException {
    ByteSource source = Sources.chain(Sources.of(HELLO), Sources.of(HELLO));
    TooLongException tooLong =
        assertThrows(TooLongException.class, () -> Streams.readToEnd(source, 23));
    assertEquals(23, tooLong.limitBytes());
    assertEquals("hello, worldhello, world", Streams.readToString(source, 24, UTF_8));
    assertArrayEquals(new byte[0], Streams.readToEnd(source, 0));
  }

  @Test
  void malformedTextIsAnErrorAndStaysUnread() throws IOException {
    byte[] latin = {'a', (byte) 0xe4, 'b'};
    ByteSource source = Sources.of(latin);
    assertThrows(CharacterCodingException.class, () -> Streams.readToString(source, 100, UTF_8));
    assertArrayEquals(latin, Streams.readToEnd(source, 3));
    assertThrows(
        CharacterCodingException.class,
        () -> Streams.writeAll(Sinks.counting(), "\u00e4", US_ASCII));
  }

  @Test
  void skipSaysHowMuchThereWas() throws IOException {
    ByteSource source = Sources.of(HELLO);
    assertEquals(7, Streams.skip(source, 7));
    assertEquals("world", Streams.readToString(Sources.take(source, 5), 5, UTF_8));
    assertEquals(0, Streams.skip(source, 7));
  }

  @Test
  void takeLeavesTheRestToTheSource() throws IOException {
    ByteSource source = Sources.of(HELLO);
    ByteSource five = Sources.take(source, 5);
    assertEquals("hello", Streams.readToString(five, 100, UTF_8));
    assertNull(five.receive());
    assertEquals(", world", Streams.readToString(source, 100, UTF_8));
    assertEquals(3, Streams.copy(Sources.take(Sources.repeat((byte) 7), 3), Sinks.counting()));
    assertNull(Sources.empty().receive());
  }

  @Test
  void aVectoredWriteTakesEmptySmallAndLargeOnes() throws IOException {
    byte[] large = new byte[3 * ByteSink.CHUNK_BYTES + 1];
    Halves pipe = Pipes.simplex(1 << 20);
    ByteBuffer[] sources = {
      ByteBuffer.wrap(HELLO), ByteBuffer.allocate(0), ByteBuffer.wrap(large), ByteBuffer.wrap(HELLO)
    };
    assertEquals(large.length + 24, Streams.write(pipe.sink(), sources));
    for (ByteBuffer source : sources) {
      assertFalse(source.hasRemaining());
    }
    pipe.sink().shutdownOutput();
    assertEquals(large.length + 24, Streams.readToEnd(pipe.source(), 1 << 20).length);
  }

  @Test
  void memoryIsReadAgainFromAnyPosition() throws IOException {
    MemorySource source = Sources.of(HELLO);
    assertEquals(12, source.size());
    Streams.skip(source, 7);
    assertEquals(7, source.position());
    source.seek(10);
    assertEquals("ld", Streams.readToString(source, 100, UTF_8));
    source.rewind();
    assertArrayEquals(HELLO, Streams.readToEnd(source, 100));
    assertThrows(IllegalArgumentException.class, () -> source.seek(13));
    source.unread(Buffers.of("xx"));
    assertEquals(10, source.position());
    assertEquals("xx", Streams.readToString(source, 100, UTF_8));
    assertEquals(12, source.position());
  }

  @Test
  void aJoinedStreamTakenApartClosesWhenBothHalvesAre() throws IOException {
    Pipes.Duplex pair = Pipes.duplex(64);
    Halves halves = Pipes.split(pair.left());
    Streams.writeAll(halves.sink(), HELLO);
    halves.sink().close();
    assertTrue(pair.left().isOpen());
    assertArrayEquals(HELLO, Streams.readToEnd(pair.right(), 100));
    Streams.writeAll(pair.right(), HELLO);
    assertArrayEquals(HELLO, Streams.readExact(halves.source(), 12));
    halves.source().close();
    assertFalse(pair.left().isOpen());
    assertThrows(IOException.class, () -> Streams.writeAll(pair.right(), HELLO));
    pair.right().close();
  }
}
