package dev.headrace.file;

import dev.headrace.Engine;
import dev.headrace.internal.ring.LoopFiles;
import dev.headrace.internal.ring.PathRequests;
import dev.headrace.internal.ring.ThreadRequest;
import dev.headrace.internal.ring.TreeRemoval;
import dev.headrace.io.BufferedSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.CopyOption;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The file system: whole files, names, links, directories and trees. What io_uring has an operation
 * for is a submission on the caller's loop; all else is done by the engine's pool of threads for
 * files, and {@code docs/files.md} says which is which. Both count as file operations, and keep to
 * the engine's bounds for them.
 *
 * <p>Every method blocks the calling task, not its loop. On a loop's own thread, inside a handler,
 * they throw an {@link IllegalStateException}: there, {@code engine.spawn(() -> Files.…)}.
 *
 * <p>A failure is the JDK's type for it, such as {@link NoSuchFileException} or {@link
 * java.nio.file.DirectoryNotEmptyException}; its message names the operation, the paths, the errno
 * and the remedy. A path that is of another file system than the host's is a {@link
 * java.nio.file.ProviderMismatchException}. A task that is interrupted gets an {@link
 * java.io.InterruptedIOException}; a name that was being made, moved or removed may or may not have
 * been.
 *
 * <p>Where links may lead elsewhere: every method follows them, but for {@link #remove}, {@link
 * #removeTree}, {@link #rename}, {@link #hardLink}, {@link #readLink} and {@link #linkMetadata},
 * for which the last name is the link itself.
 */
public final class Files {
  /** The longest line that {@link #lines(Engine, Path)} takes, in bytes. */
  public static final int LONGEST_LINE_BYTES = 1 << 20;

  private Files() {}

  // ---- whole files ----

  /**
   * Reads a file to its end, also one that grows meanwhile, or of {@code /proc}.
   *
   * @param limitBytes the most to accept, at least 0; no array is made that is longer
   * @return all of it
   * @throws dev.headrace.io.TooLongException when there is more
   * @throws IOException when it fails
   */
  public static byte[] readBytes(Engine engine, Path path, int limitBytes) throws IOException {
    return WholeFile.read(engine, path, limitBytes);
  }

  /**
   * Reads a file of UTF-8 to its end, as {@link #readBytes} does.
   *
   * @param limitBytes the most to accept, in bytes
   * @throws java.nio.charset.CharacterCodingException when it is no UTF-8
   */
  public static String readString(Engine engine, Path path, int limitBytes) throws IOException {
    return readString(engine, path, limitBytes, StandardCharsets.UTF_8);
  }

  /**
   * Reads a file of text to its end, as {@link #readBytes} does.
   *
   * @param limitBytes the most to accept, in bytes
   * @param charset how it is encoded
   * @throws java.nio.charset.CharacterCodingException when it is not encoded so
   */
  public static String readString(Engine engine, Path path, int limitBytes, Charset charset)
      throws IOException {
    byte[] bytes = readBytes(engine, path, limitBytes);
    return charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  /** The lines of a file of UTF-8, each of {@link #LONGEST_LINE_BYTES} at most. */
  public static Stream<String> lines(Engine engine, Path path) throws IOException {
    return lines(engine, path, LONGEST_LINE_BYTES);
  }

  /**
   * The lines of a file of UTF-8, which end with {@code \n} or {@code \r\n}, or with the file.
   *
   * @param longestBytes the most to accept for one line, without its ending; at least 1
   * @return read as they are asked for, and without their endings; the caller's to close, which
   *     closes the file. A line that is too long or no UTF-8 is an {@link UncheckedIOException} of
   *     {@link dev.headrace.io.TooLongException} or {@link
   *     java.nio.charset.CharacterCodingException}
   */
  public static Stream<String> lines(Engine engine, Path path, int longestBytes)
      throws IOException {
    if (longestBytes < 1) {
      throw new IllegalArgumentException("longestBytes is " + longestBytes + ", must be 1 or more");
    }
    BufferedSource file = new BufferedSource(AsyncFile.open(engine, path, OpenOptions.reading()));
    return file.lines(longestBytes)
        .onClose(
            () -> {
              try {
                file.close();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  /** Writes a file: it is made, or emptied if it exists. */
  public static void write(Engine engine, Path path, byte[] bytes) throws IOException {
    write(engine, path, bytes, OpenOptions.creating());
  }

  /**
   * Writes a file, or appends to it.
   *
   * @param bytes are left alone until this returns
   * @param options how it is opened; more than 1 MiB is appended in several pieces
   * @throws IOException when it fails; a part may have been written
   */
  public static void write(Engine engine, Path path, byte[] bytes, OpenOptions options)
      throws IOException {
    WholeFile.write(engine, path, bytes, options);
  }

  /** Writes a file of UTF-8: it is made, or emptied if it exists. */
  public static void write(Engine engine, Path path, CharSequence text) throws IOException {
    write(engine, path, text, OpenOptions.creating());
  }

  /**
   * Writes a file of UTF-8, or appends to it.
   *
   * @param options how it is opened
   * @throws java.nio.charset.CharacterCodingException when the text has half a surrogate pair;
   *     nothing was done
   * @throws IOException when it fails; a part may have been written
   */
  public static void write(Engine engine, Path path, CharSequence text, OpenOptions options)
      throws IOException {
    ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    write(engine, path, bytes, options);
  }

  /**
   * Gives a file other bytes as one step: whoever reads it gets the old or the new ones, also after
   * the host has crashed. They are written to a file beside it, synced, and renamed; permissions
   * are kept, other names of the file keep the old bytes, and a symbolic link is replaced itself.
   *
   * @param path of a file that may be missing
   * @throws IOException when it fails: the file is as it was, unless syncing its directory failed
   */
  public static void replace(Engine engine, Path path, byte[] bytes) throws IOException {
    WholeFile.replace(engine, path, bytes);
  }

  /**
   * Copies a regular file: within the kernel where the file system can, which may share the blocks.
   * A file that is made gets the permissions of the first; one that is replaced keeps its own.
   *
   * @param options {@link StandardCopyOption#REPLACE_EXISTING}, or none to fail if there is a file
   * @return how many bytes
   * @throws IOException when it fails or the caller is interrupted: a file that was made is removed
   *     again; one that was replaced holds what was copied by then
   */
  public static long copy(Engine engine, Path from, Path to, CopyOption... options)
      throws IOException {
    return new FileCopy(AsyncFile.home(engine), from, to, replaces("copy", options)).run();
  }

  private static boolean replaces(String operation, CopyOption... options) {
    boolean replaces = false;
    for (CopyOption option : options) {
      boolean isWhatRenamingDoes =
          operation.equals("rename") && option == StandardCopyOption.ATOMIC_MOVE;
      if (option != StandardCopyOption.REPLACE_EXISTING && !isWhatRenamingDoes) {
        throw new UnsupportedOperationException(
            operation + " does not know " + option + ": it takes REPLACE_EXISTING");
      }
      replaces |= option == StandardCopyOption.REPLACE_EXISTING;
    }
    return replaces;
  }

  // ---- names ----

  /**
   * Gives a file or a directory another name in the same file system, as one step.
   *
   * @param options {@link StandardCopyOption#REPLACE_EXISTING} to replace a file, or an empty
   *     directory by a directory; or none to fail if there is something
   * @throws FileAlreadyExistsException when there is something, and it is not to be replaced
   * @throws IOException when it fails; nothing has changed
   */
  public static void rename(Engine engine, Path from, Path to, CopyOption... options)
      throws IOException {
    LoopFiles files = AsyncFile.home(engine);
    Asking.ask(files, PathRequests.rename(from, to, replaces("rename", options)));
  }

  /** Removes a file, a symbolic link, or whatever is no directory. */
  public static void remove(Engine engine, Path path) throws IOException {
    Asking.ask(AsyncFile.home(engine), PathRequests.remove(path));
  }

  /**
   * Gives a file another name in the same file system.
   *
   * @param original must exist
   * @param link must not
   */
  public static void hardLink(Engine engine, Path original, Path link) throws IOException {
    Asking.ask(AsyncFile.home(engine), PathRequests.hardLink(original, link));
  }

  /**
   * Makes a name that leads elsewhere.
   *
   * @param target need not exist; a relative one starts at the link's directory
   * @param link must not exist
   */
  public static void symbolicLink(Engine engine, Path target, Path link) throws IOException {
    Asking.ask(AsyncFile.home(engine), PathRequests.symbolicLink(target, link));
  }

  /**
   * Where a symbolic link leads, as it says.
   *
   * @throws java.nio.file.NotLinkException when it is none
   */
  public static Path readLink(Engine engine, Path link) throws IOException {
    return Asking.ask(AsyncFile.home(engine), ThreadRequest.readLink(link));
  }

  /**
   * The one absolute path of a file, without links and {@code ..}.
   *
   * @throws NoSuchFileException when there is no such file
   */
  public static Path canonicalize(Engine engine, Path path) throws IOException {
    return Asking.ask(AsyncFile.home(engine), ThreadRequest.canonicalize(path));
  }

  // ---- what is known of them ----

  /** What is known of what a path leads to. */
  public static FileStat metadata(Engine engine, Path path) throws IOException {
    return FileStat.of(Asking.ask(AsyncFile.home(engine), PathRequests.metadata(path, true)));
  }

  /** What is known of a name: of a symbolic link, not of what it leads to. */
  public static FileStat linkMetadata(Engine engine, Path path) throws IOException {
    return FileStat.of(Asking.ask(AsyncFile.home(engine), PathRequests.metadata(path, false)));
  }

  /**
   * Whether a path leads to something; a symbolic link to nothing does not.
   *
   * @throws IOException when that cannot be told, such as in a directory that may not be searched
   */
  public static boolean exists(Engine engine, Path path) throws IOException {
    try {
      metadata(engine, path);
      return true;
    } catch (NoSuchFileException | NotDirectoryException e) {
      return false;
    }
  }

  /**
   * Says who may do what with what a path leads to.
   *
   * @param permissions all of them; the set-user, set-group and sticky bits are taken away
   */
  public static void setPermissions(Engine engine, Path path, Set<PosixFilePermission> permissions)
      throws IOException {
    int mode = FileStat.mode(permissions);
    Asking.ask(AsyncFile.home(engine), PathRequests.setMode(path, mode));
  }

  // ---- directories ----

  /**
   * Makes a directory.
   *
   * @throws FileAlreadyExistsException when there is something, also a directory
   */
  public static void createDirectory(Engine engine, Path path) throws IOException {
    Asking.ask(AsyncFile.home(engine), PathRequests.createDirectory(path));
  }

  /**
   * Makes a directory, and those above it that are missing; nothing when it exists.
   *
   * @throws FileAlreadyExistsException when there is something that is no directory
   * @throws NotDirectoryException when something above it is none
   */
  public static void createDirectories(Engine engine, Path path) throws IOException {
    Directories.create(engine, path);
  }

  /**
   * Removes an empty directory.
   *
   * @throws java.nio.file.DirectoryNotEmptyException when it holds something
   */
  public static void removeDirectory(Engine engine, Path path) throws IOException {
    Asking.ask(AsyncFile.home(engine), PathRequests.removeDirectory(path));
  }

  /**
   * Removes a directory with all that it holds, or a file. Symbolic links are removed and never
   * followed, also if somebody puts one into a directory's place meanwhile; what others remove at
   * the same time is no error. It holds a descriptor for each level of the tree.
   *
   * @throws NoSuchFileException when there is nothing
   * @throws IOException when something cannot be removed, which the message names, or the caller is
   *     interrupted; what was removed by then stays so, and nothing goes on behind the caller
   */
  public static void removeTree(Engine engine, Path path) throws IOException {
    LoopFiles files = AsyncFile.home(engine);
    try (TreeRemoval removal = new TreeRemoval(path)) {
      while (Asking.askToTheEnd(files, null, removal.step())) {
        continue;
      }
    }
  }

  /**
   * The names in a directory.
   *
   * @return read as they are asked for; the caller's to close
   * @throws NotDirectoryException when it is none
   */
  public static DirectoryListing list(Engine engine, Path directory) throws IOException {
    return DirectoryListing.of(AsyncFile.home(engine), directory);
  }
}
