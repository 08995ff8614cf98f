package dev.headrace.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.fixture.FilePlace;
import dev.headrace.fixture.Rig;
import dev.headrace.linux.FileFlags;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code docs/surface.md} says of files, member by member. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.FilePlace#all")
@Timeout(60)
class AsyncFileMembersTest {
  @RegisterExtension final Rig rig = new Rig();
  @TempDir Path directory;
  private final FilePlace place;
  private Engine engine;
  private Path path;

  AsyncFileMembersTest(FilePlace place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine = place.start(rig);
    path = directory.resolve("file");
  }

  private AsyncFile open(OpenOptions options) throws IOException {
    return rig.closeLater(AsyncFile.open(engine, path, options));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  @Test
  void theOptionsSayWhetherAFileIsMadeEmptiedOrAppendedTo() throws Exception {
    assertThrows(NoSuchFileException.class, () -> open(OpenOptions.writing()));
    open(OpenOptions.writing().createNew()).write(bytes("abc"));
    assertThrows(FileAlreadyExistsException.class, () -> open(OpenOptions.writing().createNew()));
    open(OpenOptions.writing().create()).write(bytes("x"));
    assertEquals("xbc", Files.readString(path));
    open(OpenOptions.appending()).write(bytes("d"));
    assertEquals("xbcd", Files.readString(path));
    open(OpenOptions.writing().truncate());
    assertEquals("", Files.readString(path));
  }

  @Test
  void aFileIsMadeWithItsModeAndOpenedWithAnyFlags() throws Exception {
    AsyncFile file = open(OpenOptions.creating().mode(0600));
    assertEquals(0600, file.metadata().mode());
    Files.createSymbolicLink(directory.resolve("link"), path);
    path = directory.resolve("link");
    assertThrows(
        FileSystemLoopException.class,
        () -> open(OpenOptions.reading().flags(FileFlags.O_NOFOLLOW)));
  }

  @Test
  void aDirectReadAndWriteTakeThePoolsBuffers() throws Exception {
    AsyncFile file = open(OpenOptions.creating().read().direct());
    int size = engine.pool().bufferSizeBytes();
    ByteBuf buffer = engine.pool().tryTake();
    try {
      buffer.setZero(0, size).setByte(size - 1, 7).writerIndex(size);
      assertEquals(size, file.write(buffer, 0));
      assertEquals(size, file.read(buffer.clear(), 0));
      assertEquals(7, buffer.getByte(size - 1));
    } finally {
      buffer.release();
    }
  }

  @Test
  void severalBuffersAreWrittenAndReadAsOne() throws Exception {
    AsyncFile file = open(OpenOptions.creating().read());
    assertEquals(5, file.write(new ByteBuffer[] {bytes("ab"), bytes("cde")}, 1));
    ByteBuffer first = ByteBuffer.allocate(3);
    ByteBuffer second = ByteBuffer.allocateDirect(9);
    assertEquals(6, file.read(new ByteBuffer[] {first, second}, 0));
    assertEquals("\0ab", US_ASCII.decode(first.flip()).toString());
    assertEquals("cde", US_ASCII.decode(second.flip()).toString());
  }

  @Test
  void theCursorMovesAndPositionsLeaveItAlone() throws Exception {
    AsyncFile file = open(OpenOptions.creating().read());
    file.write(bytes("0123456789"));
    file.position(4);
    ByteBuffer target = ByteBuffer.allocate(3);
    file.read(target);
    assertEquals("456", US_ASCII.decode(target.flip()).toString());
    file.read(target.clear(), 0);
    assertEquals("012", US_ASCII.decode(target.flip()).toString());
    assertEquals(7, file.position());
  }

  @Test
  void aFileIsSyncedReservedCutAndMadeLonger() throws Exception {
    AsyncFile file = open(OpenOptions.creating());
    file.write(bytes("abc"));
    file.syncData();
    file.syncAll();
    file.allocate(0, 1 << 20);
    FileStat stat = file.metadata();
    assertEquals(1 << 20, stat.size());
    assertTrue(stat.allocated() >= 1 << 20);
    file.setLength(2);
    assertEquals("ab", Files.readString(path));
    file.setLength(3);
    assertEquals("ab\0", Files.readString(path));
  }

  @Test
  void anOpenFileGetsItsPermissions() throws Exception {
    AsyncFile file = open(OpenOptions.creating());
    file.setPermissions(PosixFilePermissions.fromString("r-x--x---"));
    assertEquals("r-x--x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
  }

  @Test
  void aDuplicateHasACursorOfItsOwnAndOutlivesTheFirst() throws Exception {
    AsyncFile file = open(OpenOptions.creating().read());
    file.write(bytes("abc"));
    AsyncFile duplicate = rig.closeLater(file.duplicate());
    assertEquals(0, duplicate.position());
    file.close();
    ByteBuffer target = ByteBuffer.allocate(3);
    assertEquals(3, duplicate.read(target));
    assertThrows(ClosedChannelException.class, file::duplicate);
  }
}
