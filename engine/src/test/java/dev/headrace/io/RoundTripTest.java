package dev.headrace.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.headrace.fixture.Wire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Random sizes in random slices come out of every helper and every codec as they went in. */
class RoundTripTest {
  private static final long BUDGET_NANOS = TimeUnit.MILLISECONDS.toNanos(600);
  private static final int MOST_ROUNDS = 300;

  private interface Round {
    void run(Random random) throws Exception;
  }

  /** As many rounds as fit into the time; at least one. */
  private static void rounds(Round round) {
    long start = System.nanoTime();
    for (int i = 0; i < MOST_ROUNDS && (i == 0 || System.nanoTime() - start < BUDGET_NANOS); i++) {
      long seed = start + i;
      try {
        round.run(new Random(seed));
      } catch (Throwable e) {
        throw new AssertionError("seed " + seed + "L: " + e.getMessage(), e);
      }
    }
  }

  private static byte[] content(Random random) {
    int bound = random.nextInt(4) == 0 ? 20_000 : 300;
    return Wire.randomBytes(random, random.nextInt(bound));
  }

  @AfterEach
  void everyBufferIsReleased() {
    Buffers.assertNoneLeaked();
  }

  @Test
  void everyWayToReadGivesTheSameBytes() {
    rounds(
        random -> {
          byte[] content = content(random);
          Supplier<HostileSource> source = () -> new HostileSource(content, random);
          int size = content.length;
          assertArrayEquals(content, Streams.readToEnd(source.get(), size));
          assertArrayEquals(content, Streams.readExact(source.get(), size));
          ByteBuffer target = ByteBuffer.allocateDirect(size);
          Streams.readExact(source.get(), target);
          assertEquals(ByteBuffer.wrap(content), target.flip());
          assertArrayEquals(content, Streams.inputStream(source.get()).readAllBytes());
          assertArrayEquals(
              content, Streams.readToEnd(Sources.of(Streams.inputStream(source.get())), size));
          assertArrayEquals(
              content, Streams.readToEnd(Sources.of((ReadableByteChannel) source.get()), size));
          int cut = random.nextInt(size + 1);
          HostileSource whole = source.get();
          ByteSource chained = Sources.chain(Sources.take(whole, cut), whole);
          assertArrayEquals(content, Streams.readToEnd(chained, size));
          HostileSource skipped = source.get();
          assertEquals(cut, Streams.skip(skipped, cut));
          assertArrayEquals(
              Arrays.copyOfRange(content, cut, size), Streams.readToEnd(skipped, size));
        });
  }

  @Test
  void everyWayToWriteGivesTheSameBytes() {
    rounds(
        random -> {
          byte[] content = content(random);
          HostileSink sink = new HostileSink();
          Streams.copy(new HostileSource(content, random), sink);
          assertArrayEquals(content, sink.bytes());
          HostileSink gathered = new HostileSink();
          int buffer = 1 + random.nextInt(5000);
          Streams.copyBuffered(new HostileSource(content, random), gathered, buffer);
          assertArrayEquals(content, gathered.bytes());
          HostileSink buffered = new HostileSink();
          try (BufferedSink down = new BufferedSink(buffered, 8 + random.nextInt(500))) {
            Streams.copy(new HostileSource(content, random), down);
          }
          assertArrayEquals(content, buffered.bytes());
          ByteArrayOutputStream jdk = new ByteArrayOutputStream();
          Streams.copy(new HostileSource(content, random), Sinks.of(jdk));
          assertArrayEquals(content, jdk.toByteArray());
          HostileSink vectored = new HostileSink();
          Streams.write(vectored, cut(content, random));
          assertArrayEquals(content, vectored.bytes());
          HostileSink channel = new HostileSink();
          Streams.copy(new HostileSource(content, random), Sinks.of((WritableByteChannel) channel));
          assertArrayEquals(content, channel.bytes());
        });
  }

  private static ByteBuffer[] cut(byte[] content, Random random) {
    List<ByteBuffer> pieces = new ArrayList<>();
    int most = 1 + random.nextInt(20_000);
    for (int at = 0; at < content.length; ) {
      int count = Math.min(content.length - at, random.nextInt(most + 1));
      pieces.add(ByteBuffer.wrap(content, at, count));
      at += count;
    }
    return pieces.toArray(new ByteBuffer[0]);
  }

  @Test
  void aDuplexCarriesWhatIsWrittenInAnyWay() {
    rounds(
        random -> {
          byte[] content = content(random);
          Pipes.Duplex pair = Pipes.duplex(1 + random.nextInt(3000));
          Random other = new Random(random.nextLong());
          Thread echo =
              Thread.ofVirtual()
                  .start(
                      () -> {
                        try {
                          Streams.copy(pair.right(), pair.right());
                          pair.right().shutdownOutput();
                        } catch (IOException e) {
                          throw new AssertionError(e);
                        }
                      });
          Thread writer =
              Thread.ofVirtual()
                  .start(
                      () -> {
                        try {
                          if (other.nextBoolean()) {
                            Streams.copy(new HostileSource(content, other), pair.left());
                          } else {
                            Streams.writeAll(pair.left(), content);
                          }
                          pair.left().shutdownOutput();
                        } catch (IOException e) {
                          throw new AssertionError(e);
                        }
                      });
          assertArrayEquals(content, Streams.readToEnd(pair.left(), content.length));
          writer.join();
          echo.join();
          pair.left().close();
          pair.right().close();
        });
  }

  private static void codec(Random random, Supplier<Codec<ByteBuf>> codecs, Supplier<byte[]> frame)
      throws IOException {
    List<byte[]> frames = new ArrayList<>();
    HostileSink sink = new HostileSink();
    FrameWriter<ByteBuf> writer = new FrameWriter<>(sink, codecs.get());
    for (int i = random.nextInt(20); i > 0; i--) {
      frames.add(frame.get());
      writer.write(Buffers.of(frames.getLast()));
    }
    writer.close();
    FrameReader<ByteBuf> reader =
        new FrameReader<>(new HostileSource(sink.bytes(), random), codecs.get());
    for (byte[] expected : frames) {
      assertArrayEquals(expected, Buffers.bytes(reader.read()));
    }
    assertNull(reader.read());
    reader.close();
  }

  @Test
  void lengthDelimitedFramesComeBackWhateverTheOptions() {
    int[] fields = {1, 2, 3, 4, 8};
    rounds(
        random -> {
          int offset = random.nextInt(4);
          int field = fields[random.nextInt(fields.length)];
          int end = offset + field;
          int max = field == 1 ? 200 : 3000;
          LengthDelimited options =
              new LengthDelimited(
                  max + end + 5,
                  offset,
                  field,
                  random.nextInt(9) - 4,
                  end + random.nextInt(5),
                  random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
          codec(
              random,
              () -> Codecs.lengthDelimited(options),
              () -> Wire.randomBytes(random, 4 + random.nextInt(max - 4)));
        });
  }

  @Test
  void delimitedFramesComeBack() {
    byte[] comma = {','};
    byte[] crlf = {'\r', '\n'};
    rounds(
        random ->
            codec(
                random,
                () -> Codecs.delimited(1000, crlf, comma),
                () -> {
                  byte[] frame = Wire.randomBytes(random, random.nextInt(1001));
                  for (int i = 0; i < frame.length; i++) {
                    frame[i] = (byte) ('a' + (frame[i] & 15));
                  }
                  return frame;
                }));
  }

  @Test
  void linesComeBackFromTheCodecAndTheBufferedSource() {
    rounds(
        random -> {
          List<String> lines = new ArrayList<>();
          HostileSink sink = new HostileSink();
          FrameWriter<String> writer = new FrameWriter<>(sink, Codecs.lines(400));
          for (int i = random.nextInt(20); i > 0; i--) {
            String line = "\u00e4x\u20ac".repeat(random.nextInt(60));
            lines.add(line);
            writer.write(line);
          }
          writer.flush();
          Supplier<HostileSource> source = () -> new HostileSource(sink.bytes(), random);
          assertEquals(lines, new BufferedSource(source.get()).lines(400).toList());
          assertEquals(
              lines, new FrameReader<>(source.get(), Codecs.lines(400)).messages().toList());
        });
  }

  @Test
  void piecesComeBackFromSplitAndReadUntil() {
    rounds(
        random -> {
          byte[] content = content(random);
          BufferedSource split = new BufferedSource(new HostileSource(content, random));
          ByteArrayOutputStream joined = new ByteArrayOutputStream();
          BufferedSource until = new BufferedSource(new HostileSource(content, random));
          List<byte[]> pieces = split.split((byte) 7, content.length + 1).toList();
          for (byte[] piece : pieces) {
            byte[] whole = until.readUntil((byte) 7, content.length + 1);
            joined.write(whole);
            boolean ends = whole[whole.length - 1] == 7;
            assertArrayEquals(piece, Arrays.copyOf(whole, whole.length - (ends ? 1 : 0)));
          }
          assertArrayEquals(content, joined.toByteArray());
          assertEquals(content.length, until.position());
        });
  }

  @Test
  void whateverIsPutBackComesNextAndInOrder() {
    rounds(
        random -> {
          byte[] content = content(random);
          BufferedSource source = new BufferedSource(new HostileSource(content, random));
          ByteArrayOutputStream all = new ByteArrayOutputStream();
          while (true) {
            if (random.nextInt(3) == 0 && source.fill() != null) {
              int count = random.nextInt(source.gatheredBytes() + 1);
              all.write(Buffers.bytes(source.fill().retainedSlice()), 0, count);
              source.consume(count);
            }
            ByteBuf bytes = source.receive();
            if (bytes == null) {
              break;
            }
            int keep = random.nextInt(bytes.readableBytes() + 1);
            byte[] kept = new byte[keep];
            bytes.readBytes(kept);
            all.write(kept);
            if (random.nextBoolean() && bytes.readableBytes() > 1) { // in two parts
              ByteBuf second = bytes.readableBytes() > 1 ? bytes.copy() : Unpooled.EMPTY_BUFFER;
              second.skipBytes(1);
              source.unread(second);
              source.unread(bytes.writerIndex(bytes.readerIndex() + 1));
            } else {
              source.unread(bytes);
            }
            assertEquals(all.size(), source.position());
          }
          assertArrayEquals(content, all.toByteArray());
        });
  }
}
