package dev.headrace.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.Task;
import dev.headrace.fixture.FilePlace;
import dev.headrace.fixture.Rig;
import dev.headrace.io.Streams;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Reading and writing at the cursor, and at the end. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.FilePlace#all")
@Timeout(60)
class CursorContractTest {
  @RegisterExtension final Rig rig = new Rig();
  @TempDir Path directory;
  private final FilePlace place;
  private Engine engine;

  CursorContractTest(FilePlace place) {
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
    return holding(text.getBytes(StandardCharsets.US_ASCII));
  }

  private String content() throws IOException {
    return Files.readString(directory.resolve("file"));
  }

  private static String read(AsyncFile file, int length) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(length);
    file.read(target);
    return Content.text(target);
  }

  @Test
  void theCursorMovesByWhatIsReadAndWrittenThere() throws IOException {
    AsyncFile file = holding("0123456789");
    assertEquals("012", read(file, 3));
    assertEquals(2, file.write(Content.bytes("ab")));
    assertEquals("5678", read(file, 4));
    assertEquals(9, file.position());
    file.write(Content.bytes("xyz"));
    assertEquals(12, file.position());
    assertEquals(-1, file.read(ByteBuffer.allocate(1)));
    assertEquals("01", read(file.position(0), 2));
    file.read(ByteBuffer.allocate(4), 6);
    assertEquals(2, file.position());
    assertEquals("012ab5678xyz", content());
    assertThrows(IllegalArgumentException.class, () -> file.position(-1));
  }

  @Test
  void pastTheEndTheCursorReadsNothingAndWritesBehindAHole() throws IOException {
    AsyncFile file = holding("abc");
    file.position(5);
    assertEquals(-1, file.read(ByteBuffer.allocate(1)));
    assertEquals(3, file.size());
    file.write(Content.bytes("x"));
    assertEquals("abc\0\0x", content());
  }

  @Test
  void truncatingCutsNeverExtendsAndTakesTheCursorBack() throws IOException {
    AsyncFile file = holding("0123456789");
    file.position(8);
    assertEquals(10, file.truncate(20).size());
    assertEquals(8, file.position());
    assertEquals(4, file.truncate(4).size());
    assertEquals(4, file.position());
    assertThrows(IllegalArgumentException.class, () -> file.truncate(-1));
    assertEquals("0123", content());
  }

  @Test
  void codeForChannelsReadsAndWritesIt() throws IOException {
    byte[] content = Content.random(300_000, 1);
    AsyncFile file = holding(content);
    try (InputStream in = Channels.newInputStream(file.duplicate())) {
      Path copy = directory.resolve("copy");
      assertEquals(content.length, Files.copy(in, copy));
      assertArrayEquals(content, Files.readAllBytes(copy));
    }
    file.truncate(0);
    try (OutputStream out = Channels.newOutputStream(file.duplicate())) {
      out.write(content);
      out.write('!');
    }
    assertArrayEquals(content, Arrays.copyOf(Files.readAllBytes(file.path()), content.length));
    assertEquals(content.length + 1, file.size());
    try (var lines = Channels.newReader(holding("a\nb\n"), StandardCharsets.UTF_8)) {
      assertEquals(List.of("a", "b"), new java.io.BufferedReader(lines).lines().toList());
    }
  }

  @Test
  void whatIsReceivedComesInOrderAndWhatIsPutBackComesAgain() throws IOException {
    byte[] content = Content.random(200_000, 2);
    AsyncFile file = holding(content);
    ByteBuf first = file.receive();
    assertEquals(first.readableBytes(), file.position());
    ByteBuf rest = first.readRetainedSlice(10);
    file.unread(first);
    file.unread(Unpooled.EMPTY_BUFFER);
    file.unread(rest);
    assertEquals(0, file.position());
    assertArrayEquals(content, Content.receiveAll(file));
    assertEquals(content.length, file.position());
  }

  @Test
  void anEmptyBufferThatIsPutBackIsNotHandedOut() throws IOException {
    AsyncFile file = holding("abc");
    file.unread(Unpooled.buffer(1));
    ByteBuf received = file.receive();
    assertEquals("abc", Content.text(received));
    file.unread(Unpooled.buffer(1));
    assertNull(file.receive());
    assertNull(file.receive());
  }

  @Test
  void whatIsReadAheadIsReadAnewWhereItWasWrittenOver() throws IOException {
    byte[] content = new byte[100_000];
    AsyncFile file = holding(content);
    file.receive().release();
    long at = file.position();
    file.write(Content.bytes("new"));
    file.position(at);
    assertEquals("new", Content.text(Unpooled.wrappedBuffer(Streams.readExact(file, 3))));
    assertEquals(at + 3, file.position());
    file.unread(file.receive());
    assertEquals(at + 3, file.position());
    assertEquals("\0", read(file, 1));
  }

  @Test
  void anInterruptedTaskReceivesAndSendsNothingAndLosesNothing() throws IOException {
    AsyncFile file = holding("x".repeat(50_000));
    ByteBuf bytes = Unpooled.copiedBuffer("abc", StandardCharsets.US_ASCII);
    for (int i = 0; i < 3; i++) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedIOException.class, file::receive);
      assertFalse(Thread.interrupted());
      long at = file.position();
      Thread.currentThread().interrupt();
      assertThrows(InterruptedIOException.class, () -> file.send(bytes));
      assertFalse(Thread.interrupted());
      assertEquals(at, file.position());
      assertEquals(3, bytes.readableBytes());
      file.receive().release();
    }
    assertEquals(1, bytes.refCnt());
    bytes.release();
  }

  @Test
  void whatIsSentBelongsToTheFile() throws IOException {
    AsyncFile file = holding("");
    ByteBuf held = Unpooled.copiedBuffer("xabc", StandardCharsets.US_ASCII).skipBytes(1);
    file.send(held);
    assertEquals(0, held.refCnt());
    file.send(Unpooled.buffer(1));
    file.flush();
    file.shutdownOutput();
    assertEquals("abc", content());
    file.close();
    ByteBuf late = Unpooled.copiedBuffer("late", StandardCharsets.US_ASCII);
    assertThrows(ClosedChannelException.class, () -> file.send(late));
    assertThrows(ClosedChannelException.class, file::receive);
    assertThrows(ClosedChannelException.class, file::position);
    assertThrows(ClosedChannelException.class, () -> file.position(0));
    assertThrows(ClosedChannelException.class, file::duplicate);
    assertThrows(ClosedChannelException.class, file::size);
    assertEquals(4, late.readableBytes());
    assertEquals(1, late.refCnt());
    late.release();
  }

  @Test
  void whatWasReadAheadIsReleasedWithTheFile() throws IOException {
    AsyncFile file = holding(new byte[200_000]);
    ByteBuf held = file.receive();
    assertTrue(engine.stats().buffersInUse() > 1);
    file.unread(held);
    file.close();
    assertEquals(0, held.refCnt());
  }

  @Test
  void twoAtTheCursorAreRefusedWithTheRemedy() throws Exception {
    AsyncFile file = holding("0123456789");
    // 1. A read is on its way: on its loop, where nothing is done before this is over.
    ByteBuffer target = ByteBuffer.allocateDirect(4);
    List<CompletableFuture<Integer>> reads = new ArrayList<>();
    List<Throwable> refusals = new ArrayList<>();
    Rig.get(
        engine
            .loops()
            .next()
            .submit(
                () -> {
                  reads.add(file.readAsync(target));
                  try { // 2. Another one comes.
                    reads.add(file.readAsync(ByteBuffer.allocate(1)));
                  } catch (IllegalStateException e) {
                    refusals.add(e);
                  }
                }));
    // 3. The first one is as if nothing had been.
    assertEquals(4, Rig.get(reads.getFirst()));
    assertEquals("0123", Content.text(target));
    assertEquals(1, refusals.size());
    assertTrue(refusals.getFirst().getMessage().contains("duplicate()"), refusals::toString);
    assertEquals("45", read(file, 2));
  }

  @Test
  void aDuplicateHasItsOwnCursorAndTheFileIsClosedWithTheLast() throws IOException {
    AsyncFile file = holding("0123456789");
    file.position(5);
    AsyncFile other = rig.closeLater(file.duplicate());
    assertEquals("01", read(other, 2));
    assertEquals("56", read(file, 2));
    file.close();
    file.close();
    assertThrows(ClosedChannelException.class, () -> file.read(ByteBuffer.allocate(1), 0));
    assertTrue(other.isOpen());
    assertEquals("23", read(other, 2));
    assertEquals(1, Content.descriptors(directory));
    other.close();
    assertEquals(0, Content.descriptors(directory));
    assertThrows(ClosedChannelException.class, other::duplicate);
  }

  @Test
  void recordsAppendedByManyTasksAreAllThereAndWhole() throws Exception {
    AsyncFile file = open(OpenOptions.appending());
    List<Task<?>> tasks = new ArrayList<>();
    for (int task = 0; task < 32; task++) {
      String name = "task " + task;
      tasks.add(
          engine.spawn(
              () -> {
                for (int i = 0; i < 25; i++) {
                  String line = (name + " line " + i + " ").repeat(20) + "\n";
                  assertEquals(line.length(), file.write(Content.direct(line)));
                }
                return null;
              }));
    }
    for (Task<?> task : tasks) {
      task.join();
    }
    List<String> expected = new ArrayList<>();
    for (int task = 0; task < 32; task++) {
      for (int i = 0; i < 25; i++) {
        expected.add(("task " + task + " line " + i + " ").repeat(20));
      }
    }
    List<String> lines = new ArrayList<>(Files.readAllLines(file.path()));
    lines.sort(null);
    expected.sort(null);
    assertEquals(expected, lines);
    assertEquals(0, file.position());
  }

  @Test
  void manyTasksReadAndWriteTheirOwnBlocks() throws Exception {
    AsyncFile file = holding(new byte[0]);
    int block = 4096;
    List<Task<?>> tasks = new ArrayList<>();
    for (int task = 0; task < 64; task++) {
      long position = (long) task * block;
      int seed = task;
      tasks.add(
          engine.spawn(
              () -> {
                for (int round = 0; round < 8; round++) {
                  byte[] written = Content.random(block, seed * 100L + round);
                  file.write(ByteBuffer.wrap(written), position);
                  ByteBuffer read = ByteBuffer.allocateDirect(block);
                  file.readFully(read, position);
                  byte[] found = new byte[block];
                  read.flip().get(found);
                  assertArrayEquals(written, found);
                }
                return null;
              }));
    }
    for (Task<?> task : tasks) {
      task.join();
    }
    assertEquals(64L * block, file.size());
  }
}
