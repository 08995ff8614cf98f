package dev.headrace.service;

import dev.headrace.Engine;
import dev.headrace.file.AsyncFile;
import dev.headrace.file.OpenOptions;
import dev.headrace.linux.FileFlags;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The files under a directory, by the paths of URLs. Nothing outside of it is given out, neither by
 * {@code ..}, however encoded, nor by a symbolic link. A path with {@code ..} is refused before
 * anything is opened. What a symbolic link leads to is opened first and refused then, by where it
 * is: nothing of it is read, but whether it exists and may be opened shows in the answer.
 */
final class FileTree {
  private static final String INDEX = "index.html";

  /** A named pipe must not keep anybody waiting until somebody writes to it. */
  private static final OpenOptions OPTIONS = OpenOptions.reading().flags(FileFlags.O_NONBLOCK);

  private final Engine engine;
  private final Path root;

  /**
   * The files under a directory.
   *
   * @param engine opens them
   * @param root exists
   * @throws IOException when it does not, or is no directory
   */
  FileTree(Engine engine, Path root) throws IOException {
    this.engine = engine;
    this.root = root.toRealPath();
    if (!Files.isDirectory(this.root)) {
      throw new java.nio.file.NotDirectoryException(root + " is no directory: name one to serve");
    }
  }

  /**
   * Opens what the path of a URL leads to.
   *
   * @param urlPath begins with a slash; one that ends with it means {@code index.html} there
   * @return the file, which may be no regular one; the caller's to close
   * @throws NoSuchFileException when it leads nowhere, has {@code ..} in it, or can be no path
   * @throws AccessDeniedException when it leads out of the directory by a symbolic link, or the
   *     file may not be read
   */
  AsyncFile open(String urlPath) throws IOException {
    AsyncFile file = AsyncFile.open(engine, root.resolve(relative(urlPath)), OPTIONS);
    boolean inside = false;
    try {
      file.withDescriptor(
          fd -> {
            // Of what was opened, not of what the path leads to by now.
            Path real = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd));
            if (!real.startsWith(root)) {
              throw new AccessDeniedException(urlPath, real.toString(), "it is outside of " + root);
            }
            return 0;
          });
      inside = true;
      return file;
    } finally {
      if (!inside) {
        file.close();
      }
    }
  }

  private static Path relative(String urlPath) throws IOException {
    try {
      String decoded = QueryStringDecoder.decodeComponent(plain(urlPath), StandardCharsets.UTF_8);
      Path path = Path.of(decoded + (decoded.endsWith("/") ? INDEX : ""));
      for (Path name : path) {
        if (name.toString().equals("..")) {
          throw new NoSuchFileException(urlPath, null, "it leads upwards");
        }
      }
      return path.getRoot() == null ? path : path.getRoot().relativize(path);
    } catch (IllegalArgumentException e) { // also of a path that no file can have
      throw new NoSuchFileException(urlPath, null, e.getMessage());
    }
  }

  /** In a path a plus is itself; that decoder is for queries, where it is a blank. */
  private static String plain(String urlPath) {
    return urlPath.replace("+", "%2B");
  }
}
