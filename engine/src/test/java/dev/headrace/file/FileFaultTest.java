package dev.headrace.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.EngineStats;
import dev.headrace.fixture.Child;
import dev.headrace.fixture.FilePlace;
import dev.headrace.fixture.Rig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
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

/** What a file system refuses, really refused. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.FilePlace#all")
@Timeout(60)
class FileFaultTest {
  @RegisterExtension final Rig rig = new Rig();
  @TempDir Path directory;
  private final FilePlace place;
  private Engine engine;

  FileFaultTest(FilePlace place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine = place.start(rig);
  }

  private AsyncFile open(Path path, OpenOptions options) throws IOException {
    return rig.closeLater(AsyncFile.open(engine, path, options));
  }

  /** A file system of 1 MiB in memory. */
  private Path tiny() throws Exception {
    Path mounted = Files.createDirectory(directory.resolve("tiny"));
    Child.assumeRuns("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mounted.toString());
    rig.closeLater(() -> new ProcessBuilder("umount", mounted.toString()).start().waitFor());
    return mounted;
  }

  private static FileSystemException fails(
      String remedy, org.junit.jupiter.api.function.Executable body) {
    FileSystemException failure = assertThrows(FileSystemException.class, body);
    assertTrue(failure.getMessage().contains(remedy), failure.getMessage());
    return failure;
  }

  @Test
  void onAFullFileSystemTheBufferAndTheCursorTellWhatWasWritten() throws Exception {
    Path tiny = tiny();
    AsyncFile file = open(tiny.resolve("full"), OpenOptions.creating().read());
    for (ByteBuffer source :
        List.of(ByteBuffer.allocateDirect(3 << 20), ByteBuffer.allocate(3 << 20))) {
      file.truncate(0);
      FileSystemException failure = fails("ENOSPC", () -> file.write(source));
      assertTrue(failure.getMessage().contains("the file system is full"), failure::getMessage);
      assertEquals(1 << 20, source.position());
      assertEquals(source.position(), file.size());
      assertEquals(source.position(), file.position());
    }
    file.truncate(0);
    ByteBuf sent = Unpooled.directBuffer(3 << 20).writeZero(3 << 20);
    fails("ENOSPC", () -> file.send(sent));
    assertEquals(3 << 20, sent.readableBytes());
    assertEquals(0, file.position());
    sent.release();
    fails("ENOSPC", () -> file.allocate(0, 8 << 20));
    ByteBuffer[] pieces = {ByteBuffer.allocate(1 << 19), ByteBuffer.allocateDirect(2 << 20)};
    file.truncate(0);
    fails("ENOSPC", () -> file.write(pieces, 0));
    assertEquals(1 << 20, pieces[0].position() + pieces[1].position());
    file.truncate(0);
    assertEquals(4, file.write(Content.bytes("room"), 0)); // there is room again
  }

  @Test
  void onAReadOnlyFileSystemNothingIsOpenedToWrite() throws Exception {
    Path tiny = tiny();
    Path path = Files.writeString(tiny.resolve("file"), "read me");
    Child.assumeRuns("mount", "-o", "remount,ro", tiny.toString());
    fails("mounted read-only", () -> open(path, OpenOptions.writing()));
    fails("EROFS", () -> open(tiny.resolve("new"), OpenOptions.creating()));
    assertEquals(7, open(path, OpenOptions.reading()).read(ByteBuffer.allocate(9), 0));
  }

  @Test
  void aReadThatFailsInTheDeviceSaysSo() throws Exception {
    AsyncFile memory = open(Path.of("/proc/self/mem"), OpenOptions.reading());
    fails("EIO", () -> memory.read(ByteBuffer.allocateDirect(8), 0)); // nothing is mapped there
  }

  @Test
  void syncingWhatCannotBeSyncedFails() throws Exception {
    AsyncFile zero = open(Path.of("/dev/null"), OpenOptions.writing());
    fails("syncAll: EINVAL", zero::syncAll);
    fails("syncData: EINVAL", zero::syncData);
  }

  @Test
  void aFileThatIsCutWhileItIsReadEndsThere() throws Exception {
    byte[] content = Content.random(300_000, 1);
    AsyncFile file = open(Files.write(directory.resolve("cut"), content), OpenOptions.reading());
    file.receive().release();
    file.receive().release();
    long at = file.position();
    try (var other =
        java.nio.channels.FileChannel.open(file.path(), java.nio.file.StandardOpenOption.WRITE)) {
      other.truncate(200_000);
    }
    byte[] rest = Content.receiveAll(file);
    assertArrayEquals(Arrays.copyOfRange(content, (int) at, 200_000), rest);
    assertThrows(
        java.io.EOFException.class, () -> file.readFully(ByteBuffer.allocate(10), 199_995));
  }

  @Test
  void directIoTakesThePoolsBuffersAndTheTailOfAFile() throws Exception {
    byte[] content = Content.random(70_001, 2);
    Path path = Files.write(directory.resolve("direct"), content);
    AsyncFile file;
    try {
      file = open(path, OpenOptions.readingAndWriting().direct());
    } catch (FileSystemException e) {
      assumeTrue(false, "this file system has no direct I/O: " + e.getMessage());
      return;
    }
    assertArrayEquals(content, Content.receiveAll(file));
    ByteBuf buffer = engine.pool().tryTake();
    assertEquals(70_001 - 65_536, file.read(buffer, 65_536));
    buffer.clear().writeZero(4096);
    assertEquals(4096, file.write(buffer, 4096));
    buffer.release();
    fails(
        "multiples of the file system's block", () -> file.read(ByteBuffer.allocateDirect(100), 7));
    ByteBuf found = Unpooled.wrappedBuffer(Files.readAllBytes(path));
    assertEquals(70_001, found.readableBytes());
    assertTrue(ByteBufUtil.equals(found, 4096, Unpooled.wrappedBuffer(new byte[4096]), 0, 4096));
  }

  @Test
  void aSparseFileIsReadAndWrittenAroundTwoAndFourGibibytes() throws Exception {
    AsyncFile file = open(directory.resolve("sparse"), OpenOptions.creating().read());
    file.setLength(5L << 30);
    for (long boundary : new long[] {Integer.MAX_VALUE, 1L << 31, 1L << 32, (5L << 30) - 10}) {
      byte[] written = Content.random(8_000, boundary);
      file.write(ByteBuffer.wrap(written), boundary - 4_000);
      ByteBuffer read = ByteBuffer.allocate(8_000);
      file.position(boundary - 4_000).read(read);
      assertArrayEquals(written, read.array());
      assertEquals(boundary + 4_000, file.position());
    }
    FileStat stat = file.metadata();
    assertEquals((5L << 30) - 10 + 4_000, stat.size());
    assertTrue(stat.allocated() < 1 << 20, stat::toString);
    assertEquals(-1, file.read(ByteBuffer.allocate(1), 6L << 30));
  }

  private static long kernelWorkers() throws IOException {
    long count = 0;
    try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path task : tasks) {
        try {
          count += Files.readString(task.resolve("comm")).startsWith("iou-wrk") ? 1 : 0;
        } catch (IOException e) {
          // It has ended meanwhile.
        }
      }
    }
    return count;
  }

  @Test
  void aStormOfOperationsStaysWithinItsBoundsAndLosesNone() throws Exception {
    int workers = 4;
    Engine small =
        place.start(
            rig, options -> options.loops(1).fileOperationsPerLoop(1024).fileWorkers(workers));
    AsyncFile file = AsyncFile.open(small, directory.resolve("storm"), OpenOptions.creating());
    List<CompletableFuture<?>> all = new ArrayList<>();
    // One turn of the loop: more submissions than its queue holds.
    Rig.get(
        small
            .loops()
            .next()
            .submit(
                () -> {
                  for (int i = 0; i < 3_000; i++) {
                    all.add(
                        i % 3 == 0
                            ? file.metadataAsync()
                            : i % 3 == 1
                                ? file.syncDataAsync()
                                : file.writeAsync(Content.direct("x"), i));
                  }
                }));
    long most = 0;
    for (CompletableFuture<?> each : all) {
      most = Math.max(most, kernelWorkers());
      Rig.get(each);
    }
    file.close();
    EngineStats.Files stats = small.stats().loops().getFirst().files();
    assertEquals(1024, stats.peak());
    assertTrue(stats.done() >= 3_000, stats::toString);
    // Bounded and unbounded ones of both engines' rings; the other engine's do nothing.
    assertTrue(most <= 2 * workers + 2, "kernel workers: " + most);
  }
}
