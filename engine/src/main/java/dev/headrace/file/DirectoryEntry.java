package dev.headrace.file;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A name in a directory.
 *
 * @param path the directory's path, and the name
 * @param kind what it is, when the directory says so: of a symbolic link that it is one; empty
 *     where the file system keeps that elsewhere, for {@link Files#linkMetadata}
 */
public record DirectoryEntry(Path path, Optional<FileStat.Kind> kind) {
  /** The name alone. */
  public Path name() {
    return path.getFileName();
  }
}
