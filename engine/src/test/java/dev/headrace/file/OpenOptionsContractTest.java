package dev.headrace.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.fixture.FilePlace;
import dev.headrace.fixture.Rig;
import dev.headrace.linux.FileFlags;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
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

/** Every way to open a file. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.FilePlace#all")
@Timeout(60)
class OpenOptionsContractTest {
  @RegisterExtension final Rig rig = new Rig();
  @TempDir Path directory;
  private final FilePlace place;
  private Engine engine;

  OpenOptionsContractTest(FilePlace place) {
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
    return Files.writeString(directory.resolve("file"), text);
  }

  private <E extends IOException> E refuses(Class<E> type, Path path, OpenOptions options) {
    E failure = assertThrows(type, () -> AsyncFile.open(engine, path, options));
    assertTrue(failure.getMessage().contains(path.toString()), failure.getMessage());
    return failure;
  }

  private void contradicts(OpenOptions options, String remedy) {
    Path path = directory.resolve("contradiction");
    String message =
        assertThrows(IllegalArgumentException.class, () -> AsyncFile.open(engine, path, options))
            .getMessage();
    assertTrue(message.contains(remedy), message);
    assertFalse(Files.exists(path));
  }

  @Test
  void createNewMakesAFileAndRefusesOneThatIsThere() throws IOException {
    Path path = directory.resolve("new");
    open(path, OpenOptions.writing().createNew()).write(Content.bytes("first"));
    FileAlreadyExistsException failure =
        refuses(FileAlreadyExistsException.class, path, OpenOptions.writing().createNew());
    assertTrue(failure.getMessage().contains("EEXIST"), failure.getMessage());
    assertEquals("first", Files.readString(path));
    Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("nothing"));
    refuses(FileAlreadyExistsException.class, link, OpenOptions.writing().createNew());
  }

  @Test
  void writingKeepsWhatIsThereAndTruncatingDoesNot() throws IOException {
    Path path = holding("0123456789");
    open(path, OpenOptions.writing()).write(Content.bytes("abc"));
    assertEquals("abc3456789", Files.readString(path));
    open(path, OpenOptions.creating()).write(Content.bytes("xy"));
    assertEquals("xy", Files.readString(path));
    refuses(
        NoSuchFileException.class, directory.resolve("missing"), OpenOptions.writing().truncate());
  }

  @Test
  void theModeIsThatOfAFileThatIsMadeLessTheUmask() throws IOException {
    Path probe = Files.createFile(directory.resolve("probe"));
    int umask = 0666 & ~FileStat.mode(Files.getPosixFilePermissions(probe));
    Path made = directory.resolve("made");
    assertEquals(0751 & ~umask, open(made, OpenOptions.creating().mode(0751)).metadata().mode());
    assertEquals(0751 & ~umask, open(made, OpenOptions.creating().mode(0600)).metadata().mode());
    assertEquals(
        "rw-r--r--",
        PosixFilePermissions.toString(
            open(directory.resolve("usual"), OpenOptions.creating()).metadata().permissions()),
        "with the usual umask of 022");
    assertThrows(IllegalArgumentException.class, () -> OpenOptions.creating().mode(010000));
    assertThrows(IllegalArgumentException.class, () -> OpenOptions.creating().mode(-1));
  }

  @Test
  void aSymbolicLinkIsFollowedUnlessThatIsRefused() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("link"), holding("behind"));
    assertEquals(6, open(link, OpenOptions.reading()).size());
    FileSystemLoopException failure =
        refuses(FileSystemLoopException.class, link, OpenOptions.reading().noFollow());
    assertTrue(failure.getMessage().contains("ELOOP"), failure.getMessage());
  }

  @Test
  void syncAndDataSyncWriteAsUsual() throws IOException {
    for (OpenOptions options :
        new OpenOptions[] {OpenOptions.creating().sync(), OpenOptions.creating().dataSync()}) {
      Path path = directory.resolve("durable");
      assertEquals(7, open(path, options).write(Content.bytes("durable"), 0));
      assertEquals("durable", Files.readString(path));
    }
  }

  @Test
  void aFileWithoutANameIsMadeInADirectory() throws IOException {
    AsyncFile file = open(directory, OpenOptions.readingAndWriting().flags(FileFlags.O_TMPFILE));
    file.write(Content.bytes("nameless"), 0);
    assertEquals(8, file.size());
    assertEquals(0, file.metadata().links());
    try (var names = Files.list(directory)) {
      assertEquals(0, names.count());
    }
  }

  @Test
  void optionsThatContradictEachOtherAreRefusedWithTheRemedy() {
    contradicts(OpenOptions.reading().create(), "add write()");
    contradicts(OpenOptions.reading().createNew(), "add write()");
    contradicts(OpenOptions.reading().truncate(), "add write()");
    contradicts(OpenOptions.appending().truncate(), "take one");
    assertThrows(
        IllegalArgumentException.class, () -> OpenOptions.reading().flags(FileFlags.O_RDWR));
  }

  @Test
  void appendingImpliesToWrite() throws IOException {
    assertTrue(OpenOptions.reading().append().writes());
    AsyncFile file = open(holding("one "), OpenOptions.reading().append());
    file.write(Content.bytes("two"));
    assertEquals("one two", Content.text(file.receive()));
  }

  @Test
  void aDirectoryIsReadAsAFileByNobodyAndSaysSo() throws IOException {
    FileSystemException failure =
        refuses(FileSystemException.class, directory, OpenOptions.writing());
    assertTrue(failure.getMessage().contains("EISDIR"), failure.getMessage());
    assertTrue(failure.getMessage().contains("Files.list"), failure.getMessage());
    AsyncFile opened = open(directory, OpenOptions.reading());
    assertTrue(opened.metadata().isDirectory());
    FileSystemException reading = assertThrows(FileSystemException.class, opened::receive);
    assertTrue(reading.getMessage().contains("EISDIR"), reading.getMessage());
  }

  @Test
  void aNameThatIsTooLongIsToldWithTheLimit() {
    FileSystemException failure =
        refuses(
            FileSystemException.class, directory.resolve("n".repeat(256)), OpenOptions.creating());
    assertTrue(failure.getMessage().contains("255 bytes"), failure.getMessage());
  }

  @Test
  void aPathThroughAFileIsToldAsSuch() throws IOException {
    refuses(
        java.nio.file.NotDirectoryException.class,
        holding("").resolve("below"),
        OpenOptions.reading());
  }

  @Test
  void aPathOfAnotherFileSystemIsRefused() throws IOException {
    Path zip = directory.resolve("archive.zip");
    try (var archive =
        java.nio.file.FileSystems.newFileSystem(zip, java.util.Map.of("create", "true"))) {
      Path inside = archive.getPath("/inside");
      assertThrows(
          java.nio.file.ProviderMismatchException.class,
          () -> AsyncFile.open(engine, inside, OpenOptions.creating()));
    }
  }

  @Test
  void anOpeningThatFailsFailsItsFutureToo() {
    Path missing = directory.resolve("missing");
    var failure =
        assertThrows(
            java.util.concurrent.ExecutionException.class,
            () -> Rig.get(AsyncFile.openAsync(engine, missing, OpenOptions.reading())));
    assertEquals(NoSuchFileException.class, failure.getCause().getClass());
  }
}
