package dev.headrace.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.fixture.Wire;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** An interrupt at any step of anything loses no byte and doubles none. */
class CancelTest {
  private static final byte[] TEXT =
      "first line\r\nsecond\n\nfourth \u00e4\u20ac\nlast".getBytes(UTF_8);
  private static final byte[] BINARY = Wire.randomBytes(new Random(1), 96);
  private static final byte[] FRAMES = frames();

  /** Reads all of a source, and starts again wherever it is interrupted. */
  private interface Operation {
    Object run(ByteSource source) throws IOException;
  }

  private interface Step<T> {
    T run() throws IOException;
  }

  private static <T> T retried(Step<T> step) throws IOException {
    while (true) {
      try {
        return step.run();
      } catch (InterruptedIOException e) {
        // and once more
      }
    }
  }

  private static <T> List<T> untilNull(Step<T> step) throws IOException {
    List<T> all = new ArrayList<>();
    for (T next = retried(step); next != null; next = retried(step)) {
      all.add(next);
    }
    return all;
  }

  private static String hex(byte[] bytes) {
    return java.util.HexFormat.of().formatHex(bytes);
  }

  private static byte[] frames() {
    ByteBuffer frames = ByteBuffer.allocate(64);
    frames.putInt(3).put(new byte[] {1, 2, 3}).putInt(0).putInt(5).put(new byte[5]);
    return Arrays.copyOf(frames.array(), frames.position());
  }

  private static <T> Object framed(ByteSource source, Codec<T> codec) throws IOException {
    FrameReader<T> reader = new FrameReader<>(source, codec);
    return untilNull(reader::read).stream()
        .map(message -> message instanceof ByteBuf bytes ? hex(Buffers.bytes(bytes)) : message)
        .toList();
  }

  private static Object read(ByteSource source) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer target = ByteBuffer.allocate(7);
    while (retried(() -> source.read(target)) >= 0) {
      all.write(target.array(), 0, target.position());
      target.clear();
    }
    return hex(all.toByteArray());
  }

  private static Object readExactInto(ByteSource source) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(40);
    retried(
        () -> {
          Streams.readExact(source, target);
          return null;
        });
    return hex(target.array()) + hex(retried(() -> Streams.readToEnd(source, 1000)));
  }

  private static Object skip(ByteSource source) throws IOException {
    long left = 33;
    while (left > 0) {
      try {
        left -= Streams.skip(source, left);
      } catch (InterruptedIOException e) {
        left -= e.bytesTransferred;
      }
    }
    return hex(retried(() -> Streams.readToEnd(source, 1000)));
  }

  private static Object numbers(ByteSource source) throws IOException {
    BufferedSource numbers = new BufferedSource(source);
    List<Object> all = new ArrayList<>();
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      all.add(retried(numbers::readByte));
      all.add(retried(() -> numbers.readShort(order)));
      all.add(retried(() -> numbers.readInt(order)));
      all.add(retried(() -> numbers.readLong(order)));
      all.add(retried(() -> numbers.readFloat(order)));
      all.add(retried(() -> numbers.readDouble(order)));
    }
    all.add(hex(retried(() -> numbers.readExact(17))));
    all.add(numbers.position());
    all.add(hex(retried(() -> Streams.readToEnd(numbers.unwrap(), 1000))));
    return all;
  }

  private static Object copies(ByteSource source, boolean buffered) throws IOException {
    HostileSink sink = new HostileSink();
    retried(() -> buffered ? Streams.copyBuffered(source, sink, 10) : Streams.copy(source, sink));
    return hex(sink.bytes());
  }

  private static Map<String, Operation> operations() {
    Map<String, Operation> all = new TreeMap<>();
    all.put("read", CancelTest::read);
    all.put("readExact", s -> hex(retried(() -> Streams.readExact(s, 90))) + read(s));
    all.put("readExact into a buffer", CancelTest::readExactInto);
    all.put("readToEnd", s -> hex(retried(() -> Streams.readToEnd(s, 1000))));
    all.put("skip", CancelTest::skip);
    all.put("numbers", CancelTest::numbers);
    all.put("copy", s -> copies(s, false));
    all.put("copyBuffered", s -> copies(s, true));
    all.put(
        "take and chain",
        s ->
            List.of(
                read(Sources.chain(Sources.take(s, 30), Sources.take(Sources.of(TEXT), 9))),
                read(s)));
    all.put("bytes, together", s -> framed(s, Codecs.bytes()).toString().replaceAll("\\W", ""));
    return all;
  }

  private static Map<String, Operation> textOperations() {
    Map<String, Operation> all = new TreeMap<>();
    all.put("readToString", s -> retried(() -> Streams.readToString(s, 1000, UTF_8)));
    all.put(
        "readLine",
        s -> {
          BufferedSource lines = new BufferedSource(s);
          return untilNull(() -> lines.readLine(100));
        });
    all.put(
        "readUntil",
        s -> {
          BufferedSource pieces = new BufferedSource(s);
          return untilNull(() -> pieces.readUntil((byte) ' ', 100)).stream()
              .map(CancelTest::hex)
              .toList();
        });
    all.put("line codec", s -> framed(s, Codecs.lines(100)));
    return all;
  }

  private static Map<String, Operation> frameOperations() {
    Map<String, Operation> all = new TreeMap<>();
    all.put("length codec", s -> framed(s, Codecs.lengthDelimited(LengthDelimited.upTo(5))));
    all.put(
        "delimiter codec", s -> framed(s, Codecs.delimited(9, new byte[] {0}, new byte[] {3, 1})));
    return all;
  }

  @AfterEach
  void everyBufferIsReleased() {
    Buffers.assertNoneLeaked();
  }

  @TestFactory
  List<DynamicTest> anInterruptAtAnyReceiveLosesNothing() {
    List<DynamicTest> tests = new ArrayList<>();
    operations().forEach((name, o) -> tests.add(test(name, BINARY, o)));
    textOperations().forEach((name, o) -> tests.add(test(name, TEXT, o)));
    frameOperations().forEach((name, o) -> tests.add(test(name, FRAMES, o)));
    return tests;
  }

  private static DynamicTest test(String name, byte[] content, Operation operation) {
    return DynamicTest.dynamicTest(name, () -> interruptEverywhere(content, operation));
  }

  private static void interruptEverywhere(byte[] content, Operation operation) throws IOException {
    Object expected = operation.run(Sources.of(content));
    for (int maxSlice : new int[] {1, 7, 200}) {
      boolean interrupted = true;
      for (int at = 0; interrupted; at++) {
        int only = at;
        interrupted = check(content, operation, expected, maxSlice, n -> n == only);
        assertTrue(interrupted || at > 0);
      }
      check(content, operation, expected, maxSlice, n -> n < 40 && n % 2 == 0);
      check(content, operation, expected, maxSlice, n -> n < 40 && n % 5 != 0);
    }
  }

  /** Whether there was an interrupt at all. */
  private static boolean check(
      byte[] content, Operation operation, Object expected, int maxSlice, IntPredicate at)
      throws IOException {
    HostileSource source = new HostileSource(content, new Random(maxSlice), maxSlice, at);
    Object result = operation.run(source);
    assertEquals(expected, result, "slices up to " + maxSlice);
    source.close();
    return source.interrupts() > 0;
  }

  @Test
  void aCopyWhoseSinkIsInterruptedPutsBackWhatItHadRead() throws IOException {
    for (int maxSlice : new int[] {1, 5, 50}) {
      for (int at = 0; at < 20; at++) {
        for (boolean buffered : new boolean[] {false, true}) {
          int only = at;
          HostileSource source = new HostileSource(BINARY, new Random(at), maxSlice, call -> false);
          HostileSink sink = new HostileSink(call -> call == only);
          try {
            long count =
                buffered ? Streams.copyBuffered(source, sink, 9) : Streams.copy(source, sink);
            assertEquals(BINARY.length, count);
          } catch (InterruptedIOException e) {
            assertEquals(1, sink.interrupts());
          }
          assertEquals(hex(BINARY), hex(sink.bytes()) + hex(source.rest()));
          source.close();
        }
      }
    }
  }

  @Test
  void anInterruptAtAnySendOfABufferedSinkLosesAndDoublesNothing() throws IOException {
    for (int at = 0; at < 60; at++) {
      int only = at;
      HostileSink below = new HostileSink(call -> call == only || call % 3 == 0);
      BufferedSink sink = new BufferedSink(below, 8);
      for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
        retriedWrite(() -> sink.writeByte(BINARY[0]));
        retriedWrite(() -> sink.writeShort(0x0102, order));
        retriedWrite(() -> sink.writeInt(0x01020304, order));
        retriedWrite(() -> sink.writeLong(0x0102030405060708L, order));
        retriedWrite(() -> sink.writeFloat(1.5f, order));
        retriedWrite(() -> sink.writeDouble(-2.5, order));
      }
      ByteBuffer all = ByteBuffer.wrap(BINARY);
      retriedWrite(() -> sink.write(all));
      ByteBuf large = Buffers.of(BINARY);
      retriedWrite(() -> sink.send(large));
      ByteBuf small = Buffers.of((byte) 1, (byte) 2);
      retriedWrite(() -> sink.send(small));
      retriedWrite(sink::flush);
      ByteBuffer expected = ByteBuffer.allocate(400);
      for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
        expected.order(order).put(BINARY[0]).putShort((short) 0x0102).putInt(0x01020304);
        expected.putLong(0x0102030405060708L).putFloat(1.5f).putDouble(-2.5);
      }
      expected.put(BINARY).put(BINARY).put((byte) 1).put((byte) 2);
      assertArrayEquals(Arrays.copyOf(expected.array(), expected.position()), below.bytes());
      assertEquals(expected.position(), sink.position());
    }
  }

  private interface WriteStep {
    void run() throws IOException;
  }

  private static void retriedWrite(WriteStep step) throws IOException {
    retried(
        () -> {
          step.run();
          return null;
        });
  }

  @Test
  void anInterruptAtAnySendOfAFrameWriterTakesTheWholeMessageOrNone() throws IOException {
    for (int at = 0; at < 30; at++) {
      int only = at;
      HostileSink below = new HostileSink(call -> call % 7 == only % 7);
      FrameWriter<ByteBuf> writer =
          new FrameWriter<>(below, Codecs.lengthDelimited(LengthDelimited.upTo(20_000)));
      for (int size : new int[] {0, 10, 9000, 5000, 20_000, 1}) {
        ByteBuf message = Buffers.of(new byte[size]);
        retriedWrite(() -> writer.write(message));
        assertEquals(0, message.refCnt());
      }
      retriedWrite(writer::flush);
      FrameReader<ByteBuf> reader =
          new FrameReader<>(
              Sources.of(below.bytes()), Codecs.lengthDelimited(LengthDelimited.upTo(20_000)));
      assertEquals(
          List.of(0, 10, 9000, 5000, 20_000, 1),
          reader.messages().map(message -> Buffers.bytes(message).length).toList());
    }
  }
}
