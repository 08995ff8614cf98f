package dev.headrace.file;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.FilePlace;
import dev.headrace.fixture.OpenFiles;
import dev.headrace.fixture.Parked;
import dev.headrace.fixture.Rig;
import dev.headrace.io.TooLongException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.FilePlace#all")
@Timeout(60)
class FilesContractTest {
  @RegisterExtension final Rig rig = new Rig();
  @TempDir Path directory;
  private final FilePlace place;
  private Engine engine;

  FilesContractTest(FilePlace place) {
    this.place = place;
  }

  @BeforeEach
  void start() {
    engine = place.start(rig);
  }

  @AfterEach
  void nothingIsLeftOpen() throws IOException {
    assertEquals(List.of(), OpenFiles.within(directory));
  }

  private Path path(String name) {
    return directory.resolve(name);
  }

  private Path holding(String name, String text) throws IOException {
    return java.nio.file.Files.writeString(path(name), text);
  }

  private static String read(Path path) throws IOException {
    return java.nio.file.Files.readString(path);
  }

  private static <T extends IOException> T fails(Class<T> how, Executable call, String... parts) {
    T failure = assertThrows(how, call);
    for (String part : parts) {
      assertTrue(failure.getMessage().contains(part), failure.getMessage());
    }
    return failure;
  }

  // ---- whole files ----

  @Test
  void aFileIsWrittenAndReadWhole() throws Exception {
    byte[] bytes = new byte[3 << 20];
    new Random(1).nextBytes(bytes);
    Files.write(engine, path("a"), bytes);
    assertArrayEquals(bytes, Files.readBytes(engine, path("a"), bytes.length));
    Files.write(engine, path("a"), "héllo");
    assertEquals("héllo", Files.readString(engine, path("a"), 6));
    Files.write(engine, path("a"), "!", OpenOptions.appending());
    assertEquals("hÃ©llo!", Files.readString(engine, path("a"), 7, ISO_8859_1));
    Files.write(engine, path("empty"), "");
    assertEquals(0, Files.readBytes(engine, path("empty"), 0).length);
    String byTask = engine.spawn(() -> Files.readString(engine, path("a"), 100)).join();
    assertEquals("héllo!", byTask);
  }

  @Test
  void aFileThatIsTooLongIsRefusedWithItsNameAndTheLimit() throws Exception {
    Path file = holding("long", "12345");
    TooLongException failure =
        fails(TooLongException.class, () -> Files.readBytes(engine, file, 4), "long", "4 bytes");
    assertEquals(4, failure.limitBytes());
    assertThrows(IllegalArgumentException.class, () -> Files.readBytes(engine, file, -1));
  }

  @Test
  void aFileThatSaysNoSizeIsReadToItsEndAndBounded() throws Exception {
    Path status = Path.of("/proc/self/status");
    assertTrue(Files.readString(engine, status, 1 << 20).contains("CapEff"));
    assertThrows(TooLongException.class, () -> Files.readBytes(engine, status, 100));
    assertTrue(Files.copy(engine, status, path("copy")) > 100);
    assertTrue(read(path("copy")).contains("CapEff"));
  }

  @Test
  void textThatIsNoneIsAnError() throws Exception {
    java.nio.file.Files.write(path("bytes"), new byte[] {'a', (byte) 0xff});
    Path bytes = path("bytes");
    assertThrows(CharacterCodingException.class, () -> Files.readString(engine, bytes, 100));
    assertThrows(CharacterCodingException.class, () -> Files.write(engine, path("half"), "\ud800"));
    assertFalse(Files.exists(engine, path("half")));
  }

  @Test
  void linesAreReadAsTheyAreAskedForAndClosedWithTheirStream() throws Exception {
    Path file = holding("lines", "one\ntwo\r\n\nfour");
    try (Stream<String> lines = Files.lines(engine, file)) {
      assertEquals(1, OpenFiles.within(directory).size());
      assertEquals(List.of("one", "two", "", "four"), lines.toList());
    }
    try (Stream<String> lines = Files.lines(engine, file, 3)) {
      UncheckedIOException failure = assertThrows(UncheckedIOException.class, lines::toList);
      assertInstanceOf(TooLongException.class, failure.getCause());
    }
    java.nio.file.Files.write(path("lines"), new byte[] {'a', '\n', (byte) 0xff, '\n'});
    try (Stream<String> lines = Files.lines(engine, file)) {
      UncheckedIOException failure = assertThrows(UncheckedIOException.class, lines::toList);
      assertInstanceOf(CharacterCodingException.class, failure.getCause());
    }
  }

  @Test
  void aFileIsReplacedAsOneStepAndKeepsItsPermissions() throws Exception {
    Path file = holding("file", "old");
    Files.setPermissions(engine, file, PosixFilePermissions.fromString("rw-r----x"));
    Files.hardLink(engine, file, path("other"));
    Files.replace(engine, file, "new".getBytes(US_ASCII));
    assertEquals("new", read(file));
    assertEquals("old", read(path("other")));
    assertEquals(0641, Files.metadata(engine, file).mode());
    Files.replace(engine, path("made"), "made".getBytes(US_ASCII));
    assertEquals("made", read(path("made")));
    Files.createDirectory(engine, path("directory"));
    fails(
        FileSystemException.class,
        () -> Files.replace(engine, path("directory"), new byte[1]),
        "rename",
        "EISDIR");
    assertEquals(4, directory.toFile().list().length, "no temporary file is left");
  }

  // ---- copies ----

  @Test
  void aCopyHasTheBytesAndThePermissionsOfTheFirst() throws Exception {
    byte[] bytes = new byte[10 << 20]; // more than is copied at a time
    new Random(2).nextBytes(bytes);
    java.nio.file.Files.write(path("a"), bytes);
    Files.setPermissions(engine, path("a"), PosixFilePermissions.fromString("rwxrwxrw-"));
    assertEquals(bytes.length, Files.copy(engine, path("a"), path("b")));
    assertArrayEquals(bytes, java.nio.file.Files.readAllBytes(path("b")));
    assertEquals(0776, Files.metadata(engine, path("b")).mode());
    fails(
        FileAlreadyExistsException.class,
        () -> Files.copy(engine, path("a"), path("b")),
        "copy: EEXIST",
        path("a").toString(),
        path("b").toString(),
        "REPLACE_EXISTING");
    Path small = holding("small", "small");
    assertEquals(5, Files.copy(engine, small, path("b"), REPLACE_EXISTING));
    assertEquals("small", read(path("b")));
  }

  @Test
  void aFileIsNotCopiedOntoItself() throws Exception {
    Path file = holding("file", "text");
    Files.hardLink(engine, file, path("same"));
    fails(
        FileSystemException.class,
        () -> Files.copy(engine, file, path("same"), REPLACE_EXISTING),
        "same file");
    assertEquals("text", read(file));
  }

  @Test
  void whatIsNoFileIsNotCopiedAndLeavesNothing() throws Exception {
    Files.createDirectory(engine, path("directory"));
    fails(
        FileSystemException.class,
        () -> Files.copy(engine, path("directory"), path("b")),
        "copy: EISDIR");
    fails(
        FileSystemException.class,
        () -> Files.copy(engine, Path.of("/dev/null"), path("b")),
        "copy: EINVAL",
        "regular file");
    fails(NoSuchFileException.class, () -> Files.copy(engine, path("none"), path("b")), "ENOENT");
    assertFalse(Files.exists(engine, path("b")));
    assertThrows(
        UnsupportedOperationException.class,
        () -> Files.copy(engine, path("none"), path("b"), COPY_ATTRIBUTES));
  }

  @Test
  void aCopyThatIsCancelledMidwayLeavesNoHalf() throws Exception {
    try (RandomAccessFile large = new RandomAccessFile(path("large").toFile(), "rw")) {
      large.setLength(1L << 30);
    }
    Parked<Long> copying = Parked.in(engine, () -> Files.copy(engine, path("large"), path("copy")));
    Await.until("some is copied", () -> path("copy").toFile().length() > 0);
    copying.task().cancel(true);
    Await.until("there is no half", () -> !java.nio.file.Files.exists(path("copy")));
    Await.until("nothing is open", () -> OpenFiles.within(directory).isEmpty());
    assertThrows(Exception.class, copying.task()::join);
  }

  // ---- names ----

  @Test
  void aFileIsRenamedAndReplacesOnlyWhenAskedTo() throws Exception {
    Path a = holding("a", "a");
    Path b = holding("b", "b");
    fails(
        FileAlreadyExistsException.class,
        () -> Files.rename(engine, a, b),
        a.toString(),
        b.toString(),
        "rename: EEXIST",
        "REPLACE_EXISTING");
    Files.rename(engine, a, b, REPLACE_EXISTING, ATOMIC_MOVE);
    assertEquals("a", read(b));
    Files.rename(engine, b, path("c"));
    assertEquals("a", read(path("c")));
    fails(NoSuchFileException.class, () -> Files.rename(engine, a, b), "rename: ENOENT");
  }

  @Test
  void renamingIntoAnotherFileSystemNamesTheRemedy() throws Exception {
    Path a = holding("a", "a");
    Path elsewhere = Path.of("/dev/shm/headrace-" + ProcessHandle.current().pid());
    org.junit.jupiter.api.Assumptions.assumeTrue(
        java.nio.file.Files.isWritable(elsewhere.getParent())
            && !java.nio.file.Files.getFileStore(elsewhere.getParent())
                .equals(java.nio.file.Files.getFileStore(a)),
        "/dev/shm is no other file system");
    fails(
        FileSystemException.class,
        () -> Files.rename(engine, a, elsewhere),
        "rename: EXDEV",
        "copy it");
    try {
      assertEquals(1, Files.copy(engine, a, elsewhere));
      assertEquals("a", read(elsewhere));
    } finally {
      Files.remove(engine, elsewhere);
    }
  }

  @Test
  void aFileIsRemovedAndADirectoryIsNot() throws Exception {
    Files.remove(engine, holding("a", "a"));
    fails(NoSuchFileException.class, () -> Files.remove(engine, path("a")), "remove: ENOENT");
    fails(
        FileSystemException.class,
        () -> Files.remove(engine, directory),
        "remove: EISDIR",
        "removeTree");
  }

  @Test
  void linksAreMadeReadAndFollowedOrNot() throws Exception {
    Path file = holding("file", "text");
    Files.hardLink(engine, file, path("hard"));
    assertEquals(2, Files.metadata(engine, file).links());
    Files.symbolicLink(engine, Path.of("file"), path("soft"));
    assertEquals(Path.of("file"), Files.readLink(engine, path("soft")));
    assertTrue(Files.metadata(engine, path("soft")).isRegular());
    assertTrue(Files.linkMetadata(engine, path("soft")).isSymbolicLink());
    assertEquals(file.toRealPath(), Files.canonicalize(engine, path("x/../soft").normalize()));
    fails(
        FileAlreadyExistsException.class,
        () -> Files.symbolicLink(engine, file, path("soft")),
        "symbolicLink: EEXIST");
    fails(
        FileAlreadyExistsException.class,
        () -> Files.hardLink(engine, file, path("soft")),
        "hardLink: EEXIST");
    fails(NotLinkException.class, () -> Files.readLink(engine, file), "readLink: EINVAL");
    fails(NoSuchFileException.class, () -> Files.readLink(engine, path("-")), "readLink: ENOENT");
    fails(
        NoSuchFileException.class,
        () -> Files.canonicalize(engine, path("none")),
        "canonicalize: ENOENT");
  }

  @Test
  void linksThatLeadInACircleAreAnError() throws Exception {
    Files.symbolicLink(engine, Path.of("b"), path("a"));
    Files.symbolicLink(engine, Path.of("a"), path("b"));
    fails(FileSystemLoopException.class, () -> Files.metadata(engine, path("a")), "ELOOP");
    fails(FileSystemLoopException.class, () -> Files.exists(engine, path("a")), "circle");
    fails(
        FileSystemLoopException.class,
        () -> Files.canonicalize(engine, path("a")),
        "canonicalize: ELOOP");
    assertTrue(Files.linkMetadata(engine, path("a")).isSymbolicLink());
  }

  @Test
  void somethingExistsOrNotOrCannotBeTold() throws Exception {
    Path file = holding("file", "");
    assertTrue(Files.exists(engine, file));
    assertFalse(Files.exists(engine, path("none")));
    assertFalse(Files.exists(engine, file.resolve("below")));
    Files.symbolicLink(engine, Path.of("nowhere"), path("dangling"));
    assertFalse(Files.exists(engine, path("dangling")));
    fails(
        FileSystemException.class,
        () -> Files.exists(engine, path("x".repeat(256))),
        "metadata: ENAMETOOLONG",
        "255 bytes");
    assertThrows(InvalidPathException.class, () -> Files.exists(engine, path("a\0b")));
  }

  @Test
  void metadataAndPermissionsAreReadAndSet() throws Exception {
    Path file = holding("file", "12345");
    Files.setPermissions(engine, file, PosixFilePermissions.fromString("rwxr-x--x"));
    FileStat stat = Files.metadata(engine, file);
    assertEquals(0751, stat.mode());
    assertEquals(5, stat.size());
    assertEquals("rwxr-x--x", PosixFilePermissions.toString(stat.permissions()));
    assertEquals(java.nio.file.Files.getLastModifiedTime(file).toInstant(), stat.modified());
    fails(
        NoSuchFileException.class,
        () -> Files.setPermissions(engine, path("none"), stat.permissions()),
        "setPermissions: ENOENT");
    fails(
        NotDirectoryException.class,
        () -> Files.metadata(engine, file.resolve("below")),
        "metadata: ENOTDIR");
  }

  @Test
  void aNameOfBytesThatAreNoTextIsUsedLikeAnyOther() throws Exception {
    Path odd = Path.of(java.net.URI.create(directory.toUri() + "n%ffo%fe%c3%a9"));
    Files.write(engine, odd, "odd");
    assertEquals("odd", read(odd));
    assertEquals(3, Files.metadata(engine, odd).size());
    Files.symbolicLink(engine, odd.getFileName(), path("link"));
    assertEquals("odd", Files.readString(engine, path("link"), 3));
    assertEquals(odd.getFileName(), Files.readLink(engine, path("link")));
    try (DirectoryListing listing = Files.list(engine, directory)) {
      for (DirectoryEntry entry : listing) {
        assertTrue(entry.path().equals(odd) || entry.path().equals(path("link")));
      }
    }
    Files.rename(engine, odd, path("é"));
    assertEquals("odd", read(path("é")));
  }

  @Test
  void aHandlerIsToldToUseATask() throws Exception {
    var refused =
        assertThrows(
            ExecutionException.class,
            () -> Rig.get(engine.loops().next().submit(() -> Files.exists(engine, directory))));
    assertInstanceOf(IllegalStateException.class, refused.getCause());
  }
}
