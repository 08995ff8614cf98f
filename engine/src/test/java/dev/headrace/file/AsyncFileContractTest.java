package dev.headrace.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.FilePlace;
import dev.headrace.fixture.Rig;
import io.netty.buffer.ByteBuf;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.FilePlace#all")
@Timeout(60)
class AsyncFileContractTest {
  @RegisterExtension final Rig rig = new Rig();
  @TempDir Path directory;
  private final FilePlace place;
  private Engine engine;

  AsyncFileContractTest(FilePlace place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine = place.start(rig);
  }

  private AsyncFile open(Path path, OpenOptions options) throws IOException {
    return rig.closeLater(AsyncFile.open(engine, path, options));
  }

  private Path holding(String text) throws IOException {
    return Files.writeString(directory.resolve("file"), text, US_ASCII);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private static String text(ByteBuffer buffer) {
    return US_ASCII.decode(buffer.flip()).toString();
  }

  @Test
  void saysHowItIsDone() throws IOException {
    assertEquals(place.backend(), open(holding(""), OpenOptions.reading()).backend());
    assertEquals(place.backend(), engine.report().files().backend());
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path path = directory.resolve("new");
    AsyncFile file = open(path, OpenOptions.creating().read());
    assertEquals(5, file.write(bytes("hello")));
    assertEquals(6, file.write(bytes(" world")));
    assertEquals("hello world", Files.readString(path));
    ByteBuffer target = ByteBuffer.allocateDirect(64);
    assertEquals(11, file.read(target, 0));
    assertEquals("hello world", text(target));
    assertEquals(-1, file.read(ByteBuffer.allocate(1), 11));
    assertEquals(11, file.position());
    assertEquals(11, file.size());
  }

  @Test
  void aMissingFileIsNamedWithTheRemedy() {
    Path missing = directory.resolve("missing");
    NoSuchFileException failure =
        assertThrows(
            NoSuchFileException.class,
            () -> AsyncFile.open(engine, missing, OpenOptions.reading()));
    assertTrue(failure.getMessage().contains(missing.toString()), failure.getMessage());
    assertTrue(failure.getMessage().contains("ENOENT"), failure.getMessage());
    assertTrue(failure.getMessage().contains("create()"), failure.getMessage());
  }

  @Test
  void aTaskReadsAndWritesOnItsLoop() throws Exception {
    Path path = holding("0123456789");
    String read =
        engine
            .spawn(
                () -> {
                  try (AsyncFile file =
                      AsyncFile.open(engine, path, OpenOptions.readingAndWriting())) {
                    file.write(bytes("xyz"), 3);
                    ByteBuffer target = ByteBuffer.allocateDirect(10);
                    file.readFully(target, 0);
                    return text(target);
                  }
                })
            .join();
    assertEquals("012xyz6789", read);
  }

  @Test
  void manyReadsAreInFlightAtOnce() throws Exception {
    byte[] content = new byte[1 << 20];
    new Random(1).nextBytes(content);
    Path path = Files.write(directory.resolve("big"), content);
    AsyncFile file = open(path, OpenOptions.reading());
    List<CompletableFuture<Integer>> reads = new ArrayList<>();
    List<ByteBuf> buffers = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      ByteBuf buffer = io.netty.buffer.Unpooled.directBuffer(1000, 1000);
      buffers.add(buffer);
      reads.add(file.readAsync(buffer, i * 1000L));
    }
    for (int i = 0; i < 1000; i++) {
      assertEquals(1000, Rig.get(reads.get(i)));
      byte[] read = new byte[1000];
      buffers.get(i).readBytes(read).release();
      assertArrayEquals(java.util.Arrays.copyOfRange(content, i * 1000, i * 1000 + 1000), read);
    }
    assertTrue(engine.stats().fileOperations() >= 1000);
  }

  @Test
  void receivesUntilTheEnd() throws IOException {
    byte[] content = new byte[300_000];
    new Random(2).nextBytes(content);
    AsyncFile file = open(Files.write(directory.resolve("r"), content), OpenOptions.reading());
    ByteBuf all = io.netty.buffer.Unpooled.buffer();
    for (ByteBuf next = file.receive(); next != null; next = file.receive()) {
      all.writeBytes(next);
      next.release();
    }
    byte[] read = new byte[all.readableBytes()];
    all.readBytes(read);
    assertArrayEquals(content, read);
    assertNull(file.receive());
    assertEquals(content.length, file.position());
  }

  @Test
  void aFileThatEndsTooSoonIsAnError() throws IOException {
    AsyncFile file = open(holding("abc"), OpenOptions.reading());
    ByteBuffer target = ByteBuffer.allocate(5);
    assertThrows(EOFException.class, () -> file.readFully(target, 0));
    assertEquals("abc", text(target));
  }

  @Test
  void aClosedFileRefuses() throws IOException {
    AsyncFile file = open(holding("abc"), OpenOptions.reading());
    file.close();
    file.close();
    assertThrows(ClosedChannelException.class, () -> file.read(ByteBuffer.allocate(1), 0));
  }

  @Test
  void anEngineThatIsClosedClosesItsFiles() throws IOException {
    AsyncFile file = AsyncFile.open(engine, holding("abc"), OpenOptions.reading());
    engine.close();
    assertThrows(
        IllegalStateException.class,
        () -> {
          try {
            file.read(ByteBuffer.allocate(1), 0);
          } catch (ClosedChannelException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void whatHasNotComeToTheKernelYetIsCancelled() throws Exception {
    Engine wide = place.start(rig, options -> options.loops(1).fileOperationsPerLoop(1024));
    AsyncFile file =
        rig.closeLater(AsyncFile.open(wide, holding("x".repeat(4096)), OpenOptions.reading()));
    List<ByteBuf> buffers = new ArrayList<>();
    List<CompletableFuture<Integer>> reads = new ArrayList<>();
    CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 1000; i++) { // in one turn: the kernel hears of a part of them
                buffers.add(io.netty.buffer.Unpooled.directBuffer(16, 16));
                reads.add(file.readAsync(buffers.get(i), i));
              }
              reads.subList(900, 1000).forEach(read -> assertTrue(read.cancel(false)));
            },
            wide.loop())
        .get();
    for (int i = 0; i < 1000; i++) {
      if (i < 900) {
        assertEquals(16, Rig.get(reads.get(i)));
      } else {
        assertTrue(reads.get(i).isCancelled());
      }
    }
    for (ByteBuf buffer : buffers) {
      Await.until(() -> "the operation lets go of " + buffer, () -> buffer.refCnt() == 1);
      buffer.release();
    }
    Await.until(
        () -> "nothing is in flight: " + wide.stats(),
        () -> wide.stats().loops().getFirst().files().inFlight() == 0);
  }

  @Test
  void severalBuffersAndPermissionsHaveFuturesToo() throws Exception {
    AsyncFile file = open(holding("0123456789"), OpenOptions.readingAndWriting());
    assertEquals(4L, Rig.get(file.writeAsync(new ByteBuffer[] {bytes("a"), bytes("bcd")}, 2)));
    ByteBuffer first = ByteBuffer.allocate(3);
    ByteBuffer second = ByteBuffer.allocateDirect(20);
    assertEquals(10L, Rig.get(file.readAsync(new ByteBuffer[] {first, second}, 0)));
    assertEquals("01abcd6789", text(first) + text(second));
    Rig.get(file.setPermissionsAsync(PosixFilePermissions.fromString("r-x------")));
    assertEquals(0500, file.metadata().mode());
  }
}
