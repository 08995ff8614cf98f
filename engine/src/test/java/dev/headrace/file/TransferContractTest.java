package dev.headrace.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.fixture.FilePlace;
import dev.headrace.fixture.Rig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Reading and writing at a position, from and to every kind of memory. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.FilePlace#all")
@Timeout(60)
class TransferContractTest {
  @RegisterExtension final Rig rig = new Rig();
  @TempDir Path directory;
  private final FilePlace place;
  private Engine engine;

  TransferContractTest(FilePlace place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine = place.start(rig);
  }

  private AsyncFile open(OpenOptions options) throws IOException {
    return rig.closeLater(AsyncFile.open(engine, directory.resolve("file"), options));
  }

  private AsyncFile holding(byte[] bytes) throws IOException {
    Files.write(directory.resolve("file"), bytes);
    return open(OpenOptions.readingAndWriting());
  }

  private AsyncFile holding(String text) throws IOException {
    return holding(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
  }

  private String content() throws IOException {
    return Files.readString(directory.resolve("file"));
  }

  @Test
  void everyKindOfByteBufferIsWrittenFromItsPositionToItsLimit() throws IOException {
    AsyncFile file = holding("..........");
    for (ByteBuffer source :
        List.of(
            Content.bytes("xxabcxx"),
            Content.direct("xxabcxx"),
            Content.bytes("xxabcxx").asReadOnlyBuffer(),
            Content.direct("xxabcxx").asReadOnlyBuffer(),
            ByteBuffer.wrap(new byte[20]).position(5).slice().put("xxabcxx".getBytes()).flip(),
            ByteBuffer.allocateDirect(20).position(5).slice().put("xxabcxx".getBytes()).flip())) {
      file.write(Content.bytes(".........."), 0);
      source.position(2).limit(5);
      assertEquals(3, file.write(source, 4));
      assertEquals("....abc...", content());
      assertEquals(5, source.position());
      assertEquals(5, source.limit());
    }
  }

  @Test
  void everyKindOfByteBufferIsReadIntoFromItsPositionToItsLimit() throws IOException {
    AsyncFile file = holding("0123456789");
    IntFunction<ByteBuffer> heap = ByteBuffer::allocate;
    IntFunction<ByteBuffer> direct = ByteBuffer::allocateDirect;
    for (IntFunction<ByteBuffer> kind : List.of(heap, direct)) {
      ByteBuffer whole = kind.apply(20);
      ByteBuffer target = whole.position(3).slice().position(2).limit(6);
      assertEquals(4, file.read(target, 5));
      assertEquals(6, target.position());
      assertEquals("\0\0" + "5678", Content.text(target));
      assertEquals(0, whole.get(9));
      ByteBuffer readOnly = kind.apply(4).asReadOnlyBuffer();
      assertThrows(ReadOnlyBufferException.class, () -> file.read(readOnly, 0));
    }
  }

  private static ByteBuf composite(int size) {
    ByteBuf whole = Unpooled.compositeBuffer();
    for (int i = 0; i < size; i++) {
      ByteBuf one = i % 2 == 0 ? Unpooled.buffer(1, 1) : Unpooled.directBuffer(1, 1);
      ((io.netty.buffer.CompositeByteBuf) whole).addComponent(true, one.writeByte(0));
    }
    return whole.clear();
  }

  @Test
  void everyKindOfByteBufIsReadIntoAndWrittenFrom() throws IOException {
    AsyncFile file = holding("0123456789");
    for (ByteBuf buffer :
        List.of(
            PooledByteBufAllocator.DEFAULT.directBuffer(16, 16),
            PooledByteBufAllocator.DEFAULT.heapBuffer(16, 16),
            Unpooled.directBuffer(16, 16),
            Unpooled.buffer(16, 16),
            PooledByteBufAllocator.DEFAULT.directBuffer(64).slice(20, 16).clear(),
            composite(16))) {
      file.truncate(0).write(Content.bytes("0123456789"), 0);
      buffer.writeBytes("ab".getBytes());
      assertEquals(10, file.read(buffer, 0));
      assertEquals(12, buffer.writerIndex());
      assertEquals(0, buffer.readerIndex());
      buffer.skipBytes(1);
      assertEquals(11, file.write(buffer, 5));
      assertEquals(12, buffer.readerIndex());
      assertEquals(1, buffer.refCnt());
      buffer.release();
      assertEquals("01234b0123456789", content());
    }
  }

  @Test
  void aByteBufThatIsReadOnlyIsNotReadInto() throws IOException {
    AsyncFile file = holding("0123456789");
    ByteBuf memory = Unpooled.directBuffer(10, 10).writeZero(10).clear();
    ByteBuf heap = Unpooled.buffer(10, 10).writeZero(10).clear();
    for (ByteBuf readOnly : List.of(memory.asReadOnly(), heap.asReadOnly())) {
      assertThrows(ReadOnlyBufferException.class, () -> file.read(readOnly, 0));
      assertEquals(1, readOnly.refCnt());
      assertEquals(0, readOnly.getByte(3));
      readOnly.release();
    }
  }

  @Test
  void aByteBufThatIsReleasedIsRefusedAndNothingIsWritten() throws IOException {
    AsyncFile file = holding("0");
    ByteBuf gone = Unpooled.directBuffer(4).writeInt(0);
    gone.release();
    assertThrows(io.netty.util.IllegalReferenceCountException.class, () -> file.write(gone, 0));
    assertThrows(io.netty.util.IllegalReferenceCountException.class, () -> file.read(gone, 0));
    assertEquals("0", content());
  }

  @Test
  void nothingIsReadAndWrittenAsNothing() throws IOException {
    AsyncFile file = holding("abc");
    for (ByteBuffer none : List.of(ByteBuffer.allocate(0), ByteBuffer.allocateDirect(0))) {
      assertEquals(0, file.read(none, 0));
      assertEquals(0, file.read(none, 100));
      assertEquals(0, file.write(none, 100));
      assertEquals(0, file.read(none));
      assertEquals(0, file.write(none));
      file.readFully(none, 100);
      assertEquals(0, file.read(new ByteBuffer[] {none, none}, 0));
      assertEquals(0, file.write(new ByteBuffer[] {none, none}, 0));
    }
    assertEquals(0, file.read(Unpooled.EMPTY_BUFFER, 0));
    assertEquals(0, file.write(Unpooled.EMPTY_BUFFER, 0));
    assertEquals(3, file.size());
  }

  @Test
  void atTheEndAReadIsShortAndBehindItThereIsNothing() throws IOException {
    AsyncFile file = holding("abc");
    ByteBuffer target = ByteBuffer.allocate(10);
    assertEquals(2, file.read(target, 1));
    assertEquals(-1, file.read(target, 3));
    assertEquals(-1, file.read(target, 1L << 40));
    assertEquals(-1, file.read(new ByteBuffer[] {target}, 3));
    assertEquals("bc", Content.text(target));
    ByteBuf buffer = Unpooled.directBuffer(8, 8);
    assertEquals(-1, file.read(buffer, 3));
    assertEquals(0, buffer.writerIndex());
    buffer.release();
  }

  @Test
  void aReadFillsItsBufferAlsoWhereTheFileSystemGivesLittleAtOnce() throws IOException {
    Path maps = Path.of("/proc/self/maps"); // whole lines, a page at most
    AsyncFile file = rig.closeLater(AsyncFile.open(engine, maps, OpenOptions.reading()));
    ByteBuffer target = ByteBuffer.allocate(10_000);
    assertEquals(10_000, file.read(target, 0));
    ByteBuffer half = ByteBuffer.allocate(5_000);
    ByteBuffer otherHalf = ByteBuffer.allocate(5_000);
    assertEquals(10_000, file.read(new ByteBuffer[] {half, otherHalf}, 0));
  }

  @Test
  void unevenPiecesAreWrittenAndReadInTheirOrder() throws IOException {
    byte[] content = Content.random(100_000, 3);
    AsyncFile file = holding(new byte[0]);
    ByteBuffer[] sources = pieces(content, new Random(4));
    assertEquals(content.length, file.write(sources, 10));
    assertTrue(Arrays.stream(sources).noneMatch(ByteBuffer::hasRemaining));
    byte[] written = Files.readAllBytes(directory.resolve("file"));
    assertArrayEquals(content, Arrays.copyOfRange(written, 10, written.length));
    ByteBuffer[] targets = pieces(new byte[content.length + 5], new Random(5));
    assertEquals(content.length, file.read(targets, 10));
    ByteBuffer all = ByteBuffer.allocate(content.length + 5);
    for (ByteBuffer target : targets) {
      all.put(target.flip());
    }
    assertArrayEquals(content, Arrays.copyOf(all.array(), all.position()));
  }

  /** Heap and direct ones, empty ones and long ones. */
  private static ByteBuffer[] pieces(byte[] content, Random random) {
    List<ByteBuffer> pieces = new java.util.ArrayList<>();
    for (int at = 0; at < content.length; ) {
      int length = Math.min(content.length - at, random.nextInt(4) * random.nextInt(3_000));
      boolean isDirect = random.nextBoolean();
      ByteBuffer piece = isDirect ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
      pieces.add(piece.put(content, at, length).flip());
      at += length;
    }
    return pieces.toArray(ByteBuffer[]::new);
  }

  @Test
  void asManyPiecesAsTheKernelTakesAndNotOneMore() throws IOException {
    AsyncFile file = holding("");
    ByteBuffer[] most = new ByteBuffer[1024];
    Arrays.setAll(most, i -> ByteBuffer.wrap(new byte[] {(byte) i}));
    assertEquals(1024, file.write(most, 0));
    Arrays.setAll(most, i -> ByteBuffer.allocateDirect(1));
    assertEquals(1024, file.read(most, 0));
    for (int i = 0; i < most.length; i++) {
      assertEquals((byte) i, most[i].get(0));
    }
    ByteBuffer[] tooMany = Arrays.copyOf(most, 1025);
    for (ByteBuffer[] refused : List.of(tooMany, new ByteBuffer[0])) {
      String message =
          assertThrows(IllegalArgumentException.class, () -> file.read(refused, 0)).getMessage();
      assertTrue(message.contains("1 to 1024"), message);
      assertThrows(IllegalArgumentException.class, () -> file.write(refused, 0));
    }
  }

  @Test
  void aPieceThatCannotBeReadIntoRefusesAllAndLeaksNothing() throws IOException {
    AsyncFile file = holding("abc");
    ByteBuffer first = ByteBuffer.allocate(2);
    ByteBuffer[] pieces = {first, ByteBuffer.allocate(2).asReadOnlyBuffer()};
    assertThrows(ReadOnlyBufferException.class, () -> file.read(pieces, 0));
    assertEquals(0, first.position());
  }

  @Test
  void aFileIsUsedOnlyAsItWasOpened() throws IOException {
    AsyncFile both = holding("abc");
    assertThrows(IllegalArgumentException.class, () -> both.read(ByteBuffer.allocate(1), -1));
    assertThrows(IllegalArgumentException.class, () -> both.write(ByteBuffer.allocate(1), -1));
    ByteBuf held = Unpooled.directBuffer(1).writeByte(1);
    AsyncFile read = open(OpenOptions.reading());
    assertThrows(NonWritableChannelException.class, () -> read.write(ByteBuffer.allocate(1), 0));
    assertThrows(NonWritableChannelException.class, () -> read.write(ByteBuffer.allocate(1)));
    assertThrows(NonWritableChannelException.class, () -> read.write(held, 0));
    assertThrows(NonWritableChannelException.class, () -> read.send(held));
    assertThrows(NonWritableChannelException.class, () -> read.truncate(0));
    assertThrows(NonWritableChannelException.class, () -> read.setLength(0));
    assertThrows(NonWritableChannelException.class, () -> read.allocate(0, 1));
    AsyncFile written = open(OpenOptions.writing());
    assertThrows(NonReadableChannelException.class, () -> written.read(ByteBuffer.allocate(1), 0));
    assertThrows(NonReadableChannelException.class, () -> written.read(ByteBuffer.allocate(1)));
    assertThrows(NonReadableChannelException.class, () -> written.read(held, 0));
    assertThrows(NonReadableChannelException.class, written::receive);
    assertEquals(1, held.refCnt());
    held.release();
    assertEquals("abc", content());
  }

  @Test
  void aPositionIsRefusedWhereWritesGoToTheEnd() throws IOException {
    AsyncFile file = open(OpenOptions.appending());
    ByteBuf held = Unpooled.directBuffer(1).writeByte(1);
    ByteBuffer[] pieces = {Content.bytes("x")};
    String message =
        assertThrows(IllegalStateException.class, () -> file.write(held, 0)).getMessage();
    assertTrue(message.contains("use append, or open it with writing()"), message);
    assertThrows(IllegalStateException.class, () -> file.write(Content.bytes("x"), 0));
    assertThrows(IllegalStateException.class, () -> file.write(pieces, 0));
    assertEquals(1, held.refCnt());
    assertEquals("01", ByteBufUtil.hexDump(held));
    held.release();
    assertEquals("", content());
  }

  @Test
  void poolBuffersAreReadIntoAndWrittenFrom() throws IOException {
    byte[] content = Content.random(20_000, 6);
    AsyncFile file = holding(content);
    ByteBuf buffer = engine.pool().tryTake();
    int capacity = buffer.writableBytes();
    assertEquals(Math.min(capacity, content.length), file.read(buffer, 0));
    byte[] read = ByteBufUtil.getBytes(buffer);
    assertArrayEquals(Arrays.copyOf(content, read.length), read);
    file.write(buffer, content.length);
    assertEquals(content.length + read.length, file.size());
    buffer.release();
  }
}
