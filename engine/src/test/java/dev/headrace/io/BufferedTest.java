package dev.headrace.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BufferedTest {
  @AfterEach
  void everyBufferIsReleased() {
    Buffers.assertNoneLeaked();
  }

  private static BufferedSource slowly(String content) {
    return new BufferedSource(HostileSource.byteByByte(content.getBytes(UTF_8)));
  }

  @Test
  void linesEndWithEitherEndingOrTheSource() throws IOException {
    BufferedSource source = slowly("one\r\ntwo\n\n\r\nl\ra\rst\r");
    assertEquals(List.of("one", "two", "", "", "l\ra\rst\r"), source.lines(8).toList());
    assertNull(source.readLine(8));
    assertEquals(19, source.position());
  }

  @Test
  void aLineMayBeAsLongAsItsLimitWhateverItsEnding() throws IOException {
    assertEquals(
        List.of("12345", "12345", "12345"), slowly("12345\r\n12345\n12345").lines(5).toList());
    for (String line : List.of("123456\n", "12345\r", "12345\rx\n", "123456\r\n", "123456")) {
      BufferedSource source = slowly(line);
      TooLongException tooLong =
          assertThrows(TooLongException.class, () -> source.readLine(5), line);
      assertEquals(5, tooLong.limitBytes());
      assertEquals(line, Streams.readToString(source.unwrap(), 100, UTF_8));
    }
    try (BufferedSource source = slowly("123")) {
      assertThrows(UncheckedIOException.class, () -> source.lines(2).toList());
    }
  }

  @Test
  void aLineThatIsNotUtf8StaysToBeReadAsBytes() throws IOException {
    BufferedSource source = new BufferedSource(Sources.of(new byte[] {(byte) 0xc3, '\n', 'a'}));
    assertThrows(CharacterCodingException.class, () -> source.readLine(9));
    assertArrayEquals(new byte[] {(byte) 0xc3, '\n'}, source.readUntil((byte) '\n', 2));
    assertEquals("a", source.readLine(9));
  }

  @Test
  void readUntilCountsItsDelimiter() throws IOException {
    BufferedSource source = slowly("ab,abc,xyz");
    assertEquals("ab,", new String(source.readUntil((byte) ',', 3), UTF_8));
    assertThrows(TooLongException.class, () -> source.readUntil((byte) ',', 3));
    assertEquals("abc,", new String(source.readUntil((byte) ',', 4), UTF_8));
    assertEquals("xyz", new String(source.readUntil((byte) ',', 3), UTF_8));
    assertNull(source.readUntil((byte) ',', 3));
  }

  @Test
  void lookingAheadConsumesNothing() throws IOException {
    BufferedSource source = slowly("abc");
    ByteBuf view = source.fill();
    assertEquals('a', view.readByte());
    assertEquals(0, source.position());
    assertTrue(source.fill(3));
    assertEquals(3, source.gatheredBytes());
    assertTrue(!source.fill(4));
    assertThrows(IllegalArgumentException.class, () -> source.consume(4));
    source.consume(2);
    assertEquals(2, source.position());
    assertEquals('c', source.readByte());
    assertNull(source.fill());
  }

  @Test
  void aSingleBufferIsNotCopied() throws IOException {
    Pipe pipe = new Pipe(1000);
    ByteBuf sent = Buffers.of(new byte[500]);
    pipe.sink().send(sent);
    BufferedSource source = new BufferedSource(pipe.source());
    source.readInt(ByteOrder.BIG_ENDIAN);
    ByteBuf received = source.receive();
    assertSame(sent, received);
    received.release();
  }

  @Test
  void aNumberThatIsCutOffIsAnErrorAndStays() throws IOException {
    BufferedSource source = slowly("abc");
    EOFException early =
        assertThrows(EOFException.class, () -> source.readInt(ByteOrder.BIG_ENDIAN));
    assertEquals("the source ended after 3 of 4 bytes", early.getMessage());
    assertEquals(0x6261, source.readShort(ByteOrder.LITTLE_ENDIAN));
    assertEquals('c', source.readByte());
  }

  @Test
  void smallWritesGoDownTogetherAndLargeOnesAsTheyAre() throws IOException {
    Pipe pipe = new Pipe(100_000);
    BufferedSink sink = new BufferedSink(pipe.sink(), 1000);
    Streams.writeAll(sink, "small", UTF_8);
    assertEquals(5, sink.gatheredBytes());
    ByteBuf large = Buffers.of(new byte[1000]);
    sink.send(large);
    assertEquals(5, Buffers.bytes(pipe.source().receive()).length);
    ByteBuf received = pipe.source().receive();
    assertSame(large, received);
    received.release();
    sink.writeInt(1, ByteOrder.BIG_ENDIAN);
    sink.close();
    assertEquals(1009, sink.position());
    assertEquals(4, Streams.readToEnd(pipe.source(), 10).length);
    assertThrows(ClosedChannelException.class, () -> sink.writeByte(1));
  }

  @Test
  void aBufferedServerAnswersLineByLine() throws Exception {
    Pipes.Duplex pair = Pipes.duplex(10);
    BufferedStream server = new BufferedStream(pair.right());
    Task<Long> serving =
        Task.start(
            () -> {
              for (String line = server.input().readLine(100);
                  line != null;
                  line = server.input().readLine(100)) {
                Streams.writeAll(server, line.length() + "\n", UTF_8);
                server.flush();
              }
              server.close();
              return server.output().position();
            });
    BufferedStream client = new BufferedStream(pair.left(), 64);
    for (String question : List.of("one", "", "seventeen letters")) {
      Streams.writeAll(client, question + "\r\n", UTF_8);
      client.flush();
      assertEquals(Integer.toString(question.length()), client.input().readLine(10));
    }
    client.shutdownOutput();
    assertNull(client.receive());
    assertEquals(7L, serving.get());
    client.close();
  }
}
