package dev.headrace.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.fixture.Wire;
import io.netty.buffer.ByteBuf;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CodecTest {
  private static final LengthDelimited SMALL = LengthDelimited.upTo(16).withField(0, 2);

  @AfterEach
  void everyBufferIsReleased() {
    Buffers.assertNoneLeaked();
  }

  private static HostileSource slowly(String content) {
    return HostileSource.byteByByte(content.getBytes(UTF_8));
  }

  private static String text(ByteBuf frame) {
    return new String(Buffers.bytes(frame), UTF_8);
  }

  @Test
  void aLineThatIsTooLongIsSkippedAndTheNextOneComes() throws IOException {
    for (ByteSource source :
        List.of(slowly("123456\n12345\r\nx"), Sources.of("123456\n12345\r\nx".getBytes(UTF_8)))) {
      FrameReader<String> reader = new FrameReader<>(source, Codecs.lines(5));
      TooLongException tooLong = assertThrows(TooLongException.class, reader::read);
      assertEquals(5, tooLong.limitBytes());
      assertTrue(tooLong.getMessage().contains("5 bytes"));
      assertEquals("12345", reader.read());
      assertEquals("x", reader.read());
      assertNull(reader.read());
      assertNull(reader.read());
    }
  }

  @Test
  void aDelimiterThatComesInPartsEndsAFrameThatIsTooLong() throws IOException {
    String content = "1234567==>12345==>123456==>ok==>";
    for (ByteSource source : List.of(slowly(content), Sources.of(content.getBytes(UTF_8)))) {
      FrameReader<ByteBuf> reader =
          new FrameReader<>(source, Codecs.delimited(5, "==>".getBytes(UTF_8)));
      assertThrows(TooLongException.class, reader::read);
      assertEquals("12345", text(reader.read()));
      assertThrows(TooLongException.class, reader::read);
      assertEquals("ok", text(reader.read()));
      assertNull(reader.read());
    }
  }

  @Test
  void whicheverDelimiterComesFirstEndsAFrame() throws IOException {
    FrameReader<ByteBuf> reader =
        new FrameReader<>(
            slowly("a,b\r\n\r\n,c,"),
            Codecs.delimited(9, "\r\n".getBytes(UTF_8), new byte[] {','}));
    assertEquals(List.of("a", "b", "", "", "c"), reader.messages().map(CodecTest::text).toList());
  }

  @Test
  void aFrameThatIsTooLongIsSkippedAndTheNextOneComes() throws IOException {
    LengthDelimited options = LengthDelimited.upTo(16); // the limit is that of a whole frame: 20
    for (int length : new int[] {16, 17}) {
      byte[] bytes = new byte[4 + length + 4 + 1];
      bytes[3] = (byte) length;
      bytes[4 + length + 3] = 1;
      bytes[4 + length + 4] = 7;
      FrameReader<ByteBuf> reader =
          new FrameReader<>(HostileSource.byteByByte(bytes), Codecs.lengthDelimited(options));
      if (length == 16) {
        assertEquals(16, Buffers.bytes(reader.read()).length);
      } else {
        assertEquals(20, assertThrows(TooLongException.class, reader::read).limitBytes());
      }
      assertArrayEquals(new byte[] {7}, Buffers.bytes(reader.read()));
      assertNull(reader.read());
    }
  }

  @Test
  void aLengthThatMakesNoSenseEndsTheReading() {
    byte[] negative = {-1, -1, -1, -1, 0, 0, 0, 0, 1, 2, 3, 4};
    LengthDelimited options = LengthDelimited.upTo(100).withField(0, 8);
    FrameReader<ByteBuf> reader =
        new FrameReader<>(Sources.of(negative), Codecs.lengthDelimited(options));
    IOException first = assertThrows(IOException.class, reader::read);
    assertTrue(first.getMessage().contains("negative"), first.getMessage());
    assertEquals(first.getMessage(), assertThrows(IOException.class, reader::read).getMessage());
  }

  @Test
  void theEndWithinAFrameIsAnErrorAndTheBytesCanBeHadBack() throws IOException {
    FrameReader<ByteBuf> reader =
        new FrameReader<>(
            HostileSource.byteByByte((byte) 0, (byte) 5, (byte) 1), Codecs.lengthDelimited(SMALL));
    EOFException early = assertThrows(EOFException.class, reader::read);
    assertTrue(early.getMessage().contains("3 bytes"), early.getMessage());
    assertThrows(EOFException.class, reader::read);
    assertArrayEquals(new byte[] {0, 5, 1}, Streams.readToEnd(reader.unwrap(), 9));
    FrameReader<ByteBuf> delimited =
        new FrameReader<>(slowly("a,b"), Codecs.delimited(5, new byte[] {','}));
    assertEquals("a", text(delimited.read()));
    assertThrows(EOFException.class, delimited::read);
    delimited.close();
  }

  @Test
  void aStreamGoesOnWithAnotherCodec() throws IOException {
    FrameReader<String> lines =
        new FrameReader<>(Sources.of("UPGRADE\r\n\0\5hello".getBytes(UTF_8)), Codecs.lines(100));
    assertEquals("UPGRADE", lines.read());
    FrameReader<ByteBuf> frames = new FrameReader<>(lines.unwrap(), Codecs.lengthDelimited(SMALL));
    assertEquals("hello", text(frames.read()));
  }

  @Test
  void aLineThatIsNotUtf8IsSkipped() throws IOException {
    byte[] content = {'a', '\n', (byte) 0xff, '\n', 'b', '\n'};
    FrameReader<String> reader = new FrameReader<>(Sources.of(content), Codecs.lines(100));
    assertEquals("a", reader.read());
    assertThrows(CharacterCodingException.class, reader::read);
    assertEquals("b", reader.read());
  }

  @Test
  void framesThatAreKeptDoNotChange() throws IOException {
    LengthDelimited options = LengthDelimited.upTo(300);
    HostileSink sink = new HostileSink();
    FrameWriter<ByteBuf> writer = new FrameWriter<>(sink, Codecs.lengthDelimited(options));
    List<byte[]> sent = new ArrayList<>();
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      sent.add(Wire.randomBytes(random, 150 + random.nextInt(150)));
      writer.write(Buffers.of(sent.getLast()));
    }
    writer.flush();
    List<ByteBuf> kept = new ArrayList<>();
    FrameReader<ByteBuf> reader =
        new FrameReader<>(
            new HostileSource(sink.bytes(), random, 150, call -> false),
            Codecs.lengthDelimited(options));
    reader.messages().forEach(kept::add);
    assertEquals(200, kept.size());
    for (int i = 0; i < 200; i++) {
      assertArrayEquals(sent.get(i), Buffers.bytes(kept.get(i)));
    }
  }

  @Test
  void whatAReaderWouldNotUnderstandIsNotWritten() throws IOException {
    HostileSink sink = new HostileSink();
    FrameWriter<String> lines = new FrameWriter<>(sink, Codecs.lines(5));
    assertThrows(IOException.class, () -> lines.write("a\nb"));
    assertThrows(TooLongException.class, () -> lines.write("123456"));
    refuses(Codecs.delimited(5, new byte[] {','}), "a,b");
    refuses(Codecs.delimited(5, new byte[] {','}), "123456");
    refuses(Codecs.lengthDelimited(LengthDelimited.upTo(3).withField(0, 1)), "12345678");
    refuses(Codecs.lengthDelimited(LengthDelimited.upTo(900).withField(0, 1)), "x".repeat(256));
    refuses(Codecs.lengthDelimited(LengthDelimited.upTo(9).withAdjustment(5)), "1234");
    lines.flush();
    assertEquals(0, sink.bytes().length);
  }

  private static void refuses(Codec<ByteBuf> codec, String message) {
    FrameWriter<ByteBuf> writer = new FrameWriter<>(Sinks.counting(), codec);
    ByteBuf bytes = Buffers.of(message);
    assertThrows(IOException.class, () -> writer.write(bytes));
    assertEquals(1, bytes.refCnt(), "it is still the caller's");
    bytes.release();
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    LengthDelimited good = LengthDelimited.upTo(100);
    List<Supplier<?>> bad =
        List.of(
            () -> good.withField(-1, 4),
            () -> good.withField(0, 5),
            () -> good.withField(101, 4),
            () -> good.withStrip(3),
            () -> good.withStrip(105),
            () -> good.withOrder(null),
            () -> LengthDelimited.upTo(-4),
            () -> Codecs.lines(0),
            () -> Codecs.delimited(0, new byte[] {1}),
            () -> Codecs.delimited(1, new byte[0]),
            () -> Codecs.delimited(1),
            () -> Codecs.delimited(1, new byte[] {1, 2}, new byte[] {1}));
    for (Supplier<?> each : bad) {
      assertThrows(RuntimeException.class, each::get);
    }
  }

  @Test
  void aMessageThatBringsItsOwnHeaderGoesAndComesWithIt() throws IOException {
    LengthDelimited options =
        LengthDelimited.upTo(100).withField(1, 2).withStrip(0).withOrder(ByteOrder.LITTLE_ENDIAN);
    byte[] frame = {9, 2, 0, 'h', 'i'};
    Codec<ByteBuf> codec = Codecs.lengthDelimited(options);
    ByteBuf message = Buffers.of(frame);
    ByteBuf bytes = codec.encode(message);
    message.release();
    assertArrayEquals(frame, Buffers.bytes(codec.decode(bytes)));
    bytes.release();
  }

  @Test
  void aDatagramIsEncodedAndDecodedWithoutAStream() throws IOException {
    ByteBuf datagram = Codecs.lines(100).encode("ping");
    assertEquals("ping", Codecs.lines(100).decode(datagram));
    assertEquals(0, datagram.readableBytes());
    datagram.release();
    ByteBuf cut = Buffers.of("\0\5hel");
    assertNull(Codecs.lengthDelimited(SMALL).decode(cut));
    assertEquals(5, cut.readableBytes());
    cut.release();
  }

  @Test
  void aFramedStreamTalksBothWays() throws Exception {
    Pipes.Duplex pair = Pipes.duplex(8);
    Framed<String> left = new Framed<>(pair.left(), () -> Codecs.lines(100));
    Framed<String> right = new Framed<>(pair.right(), () -> Codecs.lines(100));
    Task<String> answer =
        Task.start(
            () -> {
              String question = right.read();
              right.write(question.toUpperCase(java.util.Locale.ROOT));
              right.close();
              return question;
            });
    left.write("a question that does not fit");
    left.flush();
    assertEquals("A QUESTION THAT DOES NOT FIT", left.read());
    assertNull(left.read());
    assertEquals("a question that does not fit", answer.get());
    left.close();
  }
}
