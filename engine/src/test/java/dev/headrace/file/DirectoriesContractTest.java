package dev.headrace.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Child;
import dev.headrace.fixture.FilePlace;
import dev.headrace.fixture.OpenFiles;
import dev.headrace.fixture.Parked;
import dev.headrace.fixture.Rig;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
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
class DirectoriesContractTest {
  @RegisterExtension final Rig rig = new Rig();
  @TempDir Path directory;
  private final FilePlace place;
  private Engine engine;

  DirectoriesContractTest(FilePlace place) {
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

  private Path withFiles(String name, int count) throws IOException {
    Path made = java.nio.file.Files.createDirectories(path(name));
    for (int i = 0; i < count; i++) {
      java.nio.file.Files.createFile(made.resolve("a-name-of-some-length-" + i));
    }
    return made;
  }

  private static <T extends IOException> void fails(
      Class<T> how, org.junit.jupiter.api.function.Executable call, String part) {
    T failure = assertThrows(how, call);
    assertTrue(failure.getMessage().contains(part), failure.getMessage());
  }

  // ---- making and removing ----

  @Test
  void aDirectoryIsMadeAndRemovedWhenItIsEmpty() throws Exception {
    Files.createDirectory(engine, path("a"));
    assertTrue(Files.metadata(engine, path("a")).isDirectory());
    fails(
        FileAlreadyExistsException.class,
        () -> Files.createDirectory(engine, path("a")),
        "createDirectory: EEXIST");
    fails(
        NoSuchFileException.class,
        () -> Files.createDirectory(engine, path("b/c")),
        "createDirectory: ENOENT");
    withFiles("a", 1);
    DirectoryNotEmptyException failure =
        assertThrows(
            DirectoryNotEmptyException.class, () -> Files.removeDirectory(engine, path("a")));
    assertTrue(failure.getReason().contains("ENOTEMPTY"), failure.getReason());
    assertTrue(failure.getReason().contains("removeTree"), failure.getReason());
    java.nio.file.Files.delete(path("a/a-name-of-some-length-0"));
    Files.removeDirectory(engine, path("a"));
    assertFalse(Files.exists(engine, path("a")));
    java.nio.file.Files.createFile(path("file"));
    fails(
        NotDirectoryException.class,
        () -> Files.removeDirectory(engine, path("file")),
        path("file").toString());
  }

  @Test
  void directoriesAreMadeWithThoseAboveThem() throws Exception {
    Files.createDirectories(engine, path("a/b/../c/d"));
    assertTrue(Files.metadata(engine, path("a/c/d")).isDirectory());
    Files.createDirectories(engine, path("a/c/d"));
    Files.symbolicLink(engine, Path.of("a"), path("link"));
    Files.createDirectories(engine, path("link"));
    Files.createDirectories(engine, path("link/e"));
    java.nio.file.Files.createFile(path("file"));
    fails(
        FileAlreadyExistsException.class,
        () -> Files.createDirectories(engine, path("file")),
        "EEXIST");
    fails(
        NotDirectoryException.class,
        () -> Files.createDirectories(engine, path("file/below/that")),
        "file");
    Files.symbolicLink(engine, Path.of("nowhere"), path("dangling"));
    fails(
        FileAlreadyExistsException.class,
        () -> Files.createDirectories(engine, path("dangling/below")),
        "EEXIST");
  }

  // ---- listing ----

  @Test
  void aListingGivesNamesPathsAndKinds() throws Exception {
    withFiles("tree", 1);
    withFiles("tree/below", 0);
    Files.symbolicLink(engine, Path.of("nowhere"), path("tree/link"));
    Map<String, Optional<FileStat.Kind>> kinds = new TreeMap<>();
    try (DirectoryListing listing = Files.list(engine, path("tree"))) {
      for (DirectoryEntry entry : listing) {
        assertEquals(path("tree").resolve(entry.name()), entry.path());
        kinds.put(entry.name().toString(), entry.kind());
      }
      assertNull(listing.next());
      assertThrows(NoSuchElementException.class, () -> listing.iterator().next());
    }
    assertEquals(
        Map.of(
            "a-name-of-some-length-0", Optional.of(FileStat.Kind.REGULAR),
            "below", Optional.of(FileStat.Kind.DIRECTORY),
            "link", Optional.of(FileStat.Kind.SYMBOLIC_LINK)),
        kinds);
  }

  @Test
  void aListingReadsItsNamesAPieceAtATime() throws Exception {
    Path large = withFiles("large", 10_000);
    Set<Path> names = new HashSet<>();
    int mostHeld = 0;
    try (DirectoryListing listing = Files.list(engine, large)) {
      for (DirectoryEntry entry = listing.next(); entry != null; entry = listing.next()) {
        names.add(entry.name());
        mostHeld = Math.max(mostHeld, listing.held());
      }
    }
    assertEquals(10_000, names.size());
    assertTrue(mostHeld > 0 && mostHeld < 2_000, mostHeld + " names were held");
  }

  @Test
  void aListingIsClosedByItsUserOrWithTheEngine() throws Exception {
    Path large = withFiles("large", 2_000);
    DirectoryListing closed = Files.list(engine, large);
    assertEquals(1, OpenFiles.within(directory).size());
    closed.next();
    closed.close();
    closed.close();
    assertEquals(List.of(), OpenFiles.within(directory));
    assertThrows(ClosedChannelException.class, closed::next);
    DirectoryListing forgotten = Files.list(engine, large);
    forgotten.next();
    engine.close();
    assertEquals(List.of(), OpenFiles.within(directory));
  }

  @Test
  void whatIsNoDirectoryIsNotListed() throws Exception {
    java.nio.file.Files.createFile(path("file"));
    fails(NotDirectoryException.class, () -> Files.list(engine, path("file")), "file");
    fails(NoSuchFileException.class, () -> Files.list(engine, path("none")), "ENOENT");
    Path removed = withFiles("removed", 0);
    try (DirectoryListing listing = Files.list(engine, removed)) {
      Files.removeDirectory(engine, removed);
      assertNull(listing.next());
    }
  }

  // ---- trees ----

  @Test
  void aTreeIsRemovedAndWhatItsLinksLeadToStays() throws Exception {
    Path outside = withFiles("outside", 3);
    withFiles("tree", 3);
    withFiles("tree/a/b/c", 3_000);
    withFiles("tree/empty", 0);
    Files.symbolicLink(engine, outside, path("tree/link"));
    Files.symbolicLink(engine, outside.resolve("a-name-of-some-length-0"), path("tree/a/file"));
    Path odd = Path.of(java.net.URI.create(path("tree").toUri() + "odd%ff%fe"));
    java.nio.file.Files.createDirectory(odd);
    java.nio.file.Files.createFile(odd.resolve("x"));
    Files.removeTree(engine, path("tree"));
    assertFalse(Files.exists(engine, path("tree")));
    assertEquals(3, outside.toFile().list().length);
  }

  @Test
  void aTreeOfALinkIsTheLinkAndOfAFileTheFile() throws Exception {
    Path outside = withFiles("outside", 1);
    Files.symbolicLink(engine, outside, path("link"));
    Files.removeTree(engine, path("link"));
    assertEquals(1, outside.toFile().list().length);
    Files.removeTree(engine, outside.resolve("a-name-of-some-length-0"));
    Files.removeTree(engine, outside);
    fails(NoSuchFileException.class, () -> Files.removeTree(engine, outside), "removeTree: ENOENT");
    assertEquals(0, directory.toFile().list().length);
  }

  @Test
  void twoWhoRemoveTheSameTreeBothEndWell() throws Exception {
    for (int i = 0; i < 30; i++) {
      withFiles("tree/" + i + "/below", 20);
    }
    var one = engine.spawn(() -> removeWhatIsThere(path("tree")));
    var other = engine.spawn(() -> removeWhatIsThere(path("tree")));
    Rig.get(one);
    Rig.get(other);
    assertFalse(Files.exists(engine, path("tree")));
  }

  private Void removeWhatIsThere(Path tree) throws IOException {
    try {
      Files.removeTree(engine, tree);
    } catch (NoSuchFileException e) {
      assertEquals(tree.toString(), e.getFile(), "the other was there first");
    }
    return null;
  }

  @Test
  void removingATreeThatIsCancelledStopsAndLeavesNothingOpen() throws Exception {
    Path tree = withFiles("tree/below", 20_000);
    long before = engine.stats().fileOperations();
    Parked<Void> removing =
        Parked.in(
            engine,
            () -> {
              Files.removeTree(engine, path("tree"));
              return null;
            });
    Await.until("it has begun", () -> engine.stats().fileOperations() > before);
    removing.task().cancel(true);
    assertThrows(Exception.class, removing.task()::join);
    Await.until("nothing is open", () -> OpenFiles.within(directory).isEmpty());
    assertTrue(tree.toFile().list().length > 0, "it was cancelled midway");
    Files.removeTree(engine, path("tree"));
    assertFalse(Files.exists(engine, path("tree")));
  }

  @Test
  void whatMayNotBeReadIsNamedWithTheReason() throws Exception {
    Child child =
        Child.run(
            Child.withoutPrivileges(),
            List.of(),
            "dev.headrace.child.Unreadable",
            place.transport().name(),
            place.backend().name(),
            directory.toString());
    assertEquals(0, child.exit(), child::all);
    List<String> expected =
        List.of(
            "readBytes: AccessDeniedException",
            "list: AccessDeniedException",
            "exists: AccessDeniedException",
            "removeTree: AccessDeniedException",
            "copy: AccessDeniedException",
            "canonicalize: AccessDeniedException",
            "remove: AccessDeniedException");
    for (String line : expected) {
      assertTrue(child.out().contains(line), child::all);
    }
    assertEquals(expected.size(), child.out().split("look at the modes", -1).length - 1);
  }
}
