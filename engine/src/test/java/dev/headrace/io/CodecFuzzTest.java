package dev.headrace.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.fixture.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Hostile bytes end in messages and errors, with bounded memory, and never in a hang. */
class CodecFuzzTest {
  private static final long BUDGET_NANOS = TimeUnit.MILLISECONDS.toNanos(1200);
  private static final int LIMIT = 60;
  private static final int MOST_SLICE = 500;

  @AfterEach
  void everyBufferIsReleased() {
    Buffers.assertNoneLeaked();
  }

  /** Random bytes, many of them such as parsers look for. */
  private static byte[] hostile(Random random) {
    byte[] bytes = Wire.randomBytes(random, random.nextInt(2000));
    byte[] tempting = {0, 1, 7, '\r', '\n', ',', -1, 0x7f, (byte) 0x80, 'a'};
    int share = 1 + random.nextInt(30);
    for (int i = 0; i < bytes.length; i++) {
      if (random.nextInt(share) == 0) {
        bytes[i] = tempting[random.nextInt(tempting.length)];
      }
    }
    return bytes;
  }

  private static Codec<?> codec(Random random) {
    byte[][] delimiters = {{'\r', '\n'}, {','}, {'\r', '\r', 'a'}, {0, 0, 1}};
    int[] fields = {1, 2, 3, 4, 8};
    int offset = random.nextInt(4);
    int field = fields[random.nextInt(fields.length)];
    return switch (random.nextInt(4)) {
      case 0 -> Codecs.bytes();
      case 1 -> Codecs.lines(1 + random.nextInt(LIMIT));
      case 2 ->
          Codecs.delimited(
              1 + random.nextInt(LIMIT),
              List.of(delimiters).subList(0, 1 + random.nextInt(4)).toArray(new byte[0][]));
      default ->
          Codecs.lengthDelimited(
              new LengthDelimited(
                  offset + field + random.nextInt(LIMIT),
                  offset,
                  field,
                  random.nextInt(20) - 10,
                  random.nextBoolean() ? 0 : offset + field,
                  random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN));
    };
  }

  @Test
  void everyCodecComesToAnEnd() {
    long start = System.nanoTime();
    for (long seed = start; System.nanoTime() - start < BUDGET_NANOS; seed++) {
      Random random = new Random(seed);
      try {
        byte[] content = hostile(random);
        Codec<?> codec = codec(random);
        HostileSource source =
            new HostileSource(content, random, 1 + random.nextInt(MOST_SLICE), call -> false);
        drain(new FrameReader<>(source, codec), content.length);
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + "L: " + e, e);
      }
    }
  }

  private static void drain(FrameReader<?> reader, int size) throws IOException {
    for (int results = 0; ; results++) {
      assertTrue(results <= size + 1, "more results than bytes");
      assertTrue(reader.gatheredBytes() <= LIMIT + 20 + MOST_SLICE, "memory is not bounded");
      try {
        Object message = reader.read();
        if (message == null) {
          break;
        }
        ReferenceCountUtil.release(message);
      } catch (TooLongException | CharacterCodingException e) {
        // the next one may be good
      } catch (EOFException e) {
        break;
      } catch (IOException e) {
        assertThrows(IOException.class, reader::read);
        break;
      }
    }
    reader.close();
  }

  @Test
  void anEndlessFrameIsSkippedInBoundedMemory() throws IOException {
    long size = 16 << 20;
    byte[] delimiter = {'x', 'y'};
    for (Codec<?> codec : List.of(Codecs.lines(100), Codecs.delimited(100, delimiter))) {
      FrameReader<?> reader =
          new FrameReader<>(Sources.take(Sources.repeat((byte) 'a'), size), codec);
      assertEquals(100, assertThrows(TooLongException.class, reader::read).limitBytes());
      assertEquals(null, reader.read());
      assertEquals(0, reader.gatheredBytes());
    }
    byte[] huge = {0x7f, -1, -1, -1};
    FrameReader<ByteBuf> reader =
        new FrameReader<>(
            Sources.chain(Sources.of(huge), Sources.take(Sources.repeat((byte) 'a'), size)),
            Codecs.lengthDelimited(LengthDelimited.upTo(100)));
    assertThrows(TooLongException.class, reader::read);
    assertEquals(null, reader.read());
  }

  @Test
  void bufferedReadsRefuseWhatIsTooLongAndCanGoOn() {
    long start = System.nanoTime();
    for (long seed = start; System.nanoTime() - start < BUDGET_NANOS; seed++) {
      Random random = new Random(seed);
      try {
        byte[] content = hostile(random);
        BufferedSource source =
            new BufferedSource(
                new HostileSource(content, random, 1 + random.nextInt(MOST_SLICE), call -> false));
        int limit = 1 + random.nextInt(LIMIT);
        while (true) {
          assertTrue(source.gatheredBytes() <= limit + 2 + MOST_SLICE, "memory is not bounded");
          long before = source.position();
          try {
            Object piece =
                random.nextBoolean() ? source.readLine(limit) : source.readUntil((byte) 7, limit);
            if (piece == null) {
              break;
            }
            assertTrue(source.position() > before);
          } catch (TooLongException | CharacterCodingException e) {
            assertEquals(before, source.position(), "nothing is consumed");
            Streams.skip(source, 1 + random.nextInt(limit));
          }
        }
        assertEquals(content.length, source.position());
        source.close();
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + "L: " + e, e);
      }
    }
  }
}
