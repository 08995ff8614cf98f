package dev.headrace.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.fixture.FilePlace;
import dev.headrace.fixture.Logs;
import dev.headrace.fixture.Rig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CompletionHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What else a file can do, and on which thread it tells. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.FilePlace#all")
@Timeout(60)
class FileMembersTest {
  @RegisterExtension final Rig rig = new Rig();
  @TempDir Path directory;
  private final FilePlace place;
  private Engine engine;

  FileMembersTest(FilePlace place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine = place.start(rig);
  }

  private AsyncFile holding(String text) throws IOException {
    Path path = Files.writeString(directory.resolve("file"), text);
    return rig.closeLater(AsyncFile.open(engine, path, OpenOptions.readingAndWriting()));
  }

  @Test
  void metadataIsWhatTheJdkSays() throws Exception {
    AsyncFile file = holding("some content");
    Files.createLink(directory.resolve("other name"), file.path());
    FileStat stat = file.metadata();
    Map<String, Object> unix = Files.readAttributes(file.path(), "unix:*");
    BasicFileAttributes basic = Files.readAttributes(file.path(), BasicFileAttributes.class);
    assertTrue(stat.isRegular());
    assertFalse(stat.isDirectory() || stat.isSymbolicLink());
    assertEquals(12, stat.size());
    assertEquals((int) unix.get("mode") & 07777, stat.mode());
    assertEquals(Files.getPosixFilePermissions(file.path()), stat.permissions());
    assertEquals(((Number) unix.get("uid")).longValue(), stat.uid());
    assertEquals(((Number) unix.get("gid")).longValue(), stat.gid());
    assertEquals(2, stat.links());
    assertEquals(unix.get("ino"), stat.inode());
    assertEquals(basic.lastModifiedTime().toInstant(), stat.modified());
    assertEquals(
        ((java.nio.file.attribute.FileTime) unix.get("ctime")).toInstant(), stat.changed());
    assertEquals(basic.lastAccessTime().toInstant(), stat.accessed());
    stat.created().ifPresent(created -> assertEquals(basic.creationTime().toInstant(), created));
    assertEquals(stat, Rig.get(file.metadataAsync()));
  }

  @Test
  void permissionsAreSetOnTheOpenFile() throws IOException {
    AsyncFile file = holding("");
    file.setPermissions(PosixFilePermissions.fromString("rwxr-x--x"));
    assertEquals(0751, file.metadata().mode());
    file.setPermissions(java.util.Set.of());
    assertEquals(0, file.metadata().mode());
  }

  @Test
  void allocatingGrowsTheFileAndTakesRoom() throws IOException {
    AsyncFile file = holding("abc");
    file.allocate(0, 1 << 20);
    assertEquals(1 << 20, file.size());
    assertTrue(file.metadata().allocated() >= 1 << 20, () -> file.toString());
    ByteBuffer start = ByteBuffer.allocate(5);
    file.readFully(start, 0);
    assertEquals("abc\0\0", Content.text(start));
    assertThrows(IllegalArgumentException.class, () -> file.allocate(-1, 1));
    assertThrows(IllegalArgumentException.class, () -> file.allocate(0, 0));
  }

  @Test
  void aLengthThatIsSetCutsOrLeavesAHoleOfZeros() throws Exception {
    AsyncFile file = holding("0123456789");
    file.setLength(4);
    assertEquals("0123", Files.readString(file.path()));
    Rig.get(file.setLengthAsync(1 << 20));
    FileStat stat = file.metadata();
    assertEquals(1 << 20, stat.size());
    assertTrue(stat.allocated() < stat.size(), stat::toString);
    ByteBuffer hole = ByteBuffer.allocate(8);
    file.readFully(hole, 0);
    assertEquals("0123\0\0\0\0", Content.text(hole));
    assertThrows(IllegalArgumentException.class, () -> file.setLength(-1));
  }

  @Test
  void adviceIsTakenAndChangesNothing() throws Exception {
    AsyncFile file = holding("content");
    for (Advice advice : Advice.values()) {
      file.advise(0, 0, advice);
      Rig.get(file.adviseAsync(3, 1L << 33, advice));
    }
    file.syncData();
    file.syncAll();
    Rig.get(file.syncDataAsync());
    Rig.get(file.syncAllAsync());
    assertEquals("content", Files.readString(file.path()));
  }

  private Thread loopThread() throws Exception {
    return Rig.get(engine.loops().next().submit(Thread::currentThread));
  }

  @Test
  void futuresAreCompletedOnALoop() throws Exception {
    AsyncFile file = holding("abc");
    CompletableFuture<Thread> completing = new CompletableFuture<>();
    Rig.get(
        engine
            .loops()
            .next()
            .submit(
                () ->
                    file.readAsync(ByteBuffer.allocateDirect(3), 0)
                        .whenComplete((n, e) -> completing.complete(Thread.currentThread()))));
    assertEquals(loopThread().getClass(), Rig.get(completing).getClass());
  }

  @Test
  void everyBlockingCallIsRefusedOnALoopsThreadWithTheRemedy() throws Exception {
    AsyncFile file = holding("abc");
    ByteBuf bytes = Unpooled.directBuffer(1).writeByte(1);
    Map<String, CursorlessCall> calls =
        Map.of(
            "read", () -> file.read(ByteBuffer.allocate(1), 0),
            "read at the cursor", () -> file.read(ByteBuffer.allocate(1)),
            "write", () -> file.write(ByteBuffer.allocate(1), 0),
            "send", () -> file.send(bytes),
            "receive", () -> file.receive(),
            "size", () -> file.size(),
            "sync", () -> file.syncAll(),
            "truncate", () -> file.truncate(0),
            "open", () -> AsyncFile.open(engine, file.path(), OpenOptions.reading()));
    for (var call : calls.entrySet()) {
      Throwable refusal =
          Rig.get(
              engine
                  .loops()
                  .next()
                  .submit(
                      () ->
                          assertThrows(
                              IllegalStateException.class, call.getValue()::run, call.getKey())));
      assertTrue(refusal.getMessage().contains("engine.spawn"), refusal::toString);
    }
    assertEquals(1, bytes.refCnt());
    bytes.release();
    assertEquals("ab", Content.text(read(file, 2))); // neither cursor nor file was touched
  }

  private interface CursorlessCall {
    void run() throws Exception;
  }

  private static ByteBuffer read(AsyncFile file, int length) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(length);
    file.read(target);
    return target;
  }

  @Test
  void aHandlerIsGivenWhatCameOfIt() throws Exception {
    AsyncFile file = holding("abc");
    ByteBuf buffer = Unpooled.directBuffer(8, 8);
    CompletableFuture<String> read = new CompletableFuture<>();
    file.read(buffer, 0, "reading", handler(read));
    assertEquals("reading 3", Rig.get(read));
    CompletableFuture<String> written = new CompletableFuture<>();
    file.write(buffer, 3, "writing", handler(written));
    assertEquals("writing 3", Rig.get(written));
    assertEquals("abcabc", Files.readString(file.path()));
    file.close();
    CompletableFuture<String> late = new CompletableFuture<>();
    file.read(buffer, 0, "late", handler(late));
    assertEquals("late java.nio.channels.ClosedChannelException", Rig.get(late));
    assertEquals(1, buffer.refCnt());
    buffer.release();
  }

  private static CompletionHandler<Integer, String> handler(CompletableFuture<String> told) {
    return new CompletionHandler<>() {
      @Override
      public void completed(Integer count, String attachment) {
        told.complete(attachment + " " + count);
      }

      @Override
      public void failed(Throwable failure, String attachment) {
        told.complete(attachment + " " + failure);
      }
    };
  }

  @Test
  void aHandlerThatThrowsIsReportedOnceAndTheLoopGoesOn() throws Exception {
    AsyncFile file = holding("abc");
    ByteBuf buffer = Unpooled.directBuffer(8, 8);
    Logs logs = rig.captureLogs();
    CompletableFuture<Thread> called = new CompletableFuture<>();
    file.read(
        buffer,
        0,
        null,
        new CompletionHandler<Integer, Void>() {
          @Override
          public void completed(Integer count, Void attachment) {
            called.complete(Thread.currentThread());
            throw new IllegalStateException("a handler of this test");
          }

          @Override
          public void failed(Throwable failure, Void attachment) {
            called.completeExceptionally(failure);
          }
        });
    Thread loop = Rig.get(called);
    assertEquals(3, file.read(ByteBuffer.allocate(3), 0));
    for (EventExecutor each : engine.loops()) { // whichever it was has a turn more
      Rig.get(each.submit(() -> {}));
    }
    assertEquals(1, logs.warnings().size(), logs.warnings()::toString);
    assertTrue(logs.warnings().getFirst().contains("a handler of read failed"));
    assertTrue(loop.isAlive());
    assertEquals(1, buffer.refCnt());
    buffer.release();
  }
}
