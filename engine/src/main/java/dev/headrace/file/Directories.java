package dev.headrace.file;

import dev.headrace.Engine;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** Makes a directory and those above it, whoever else makes some of them at the same time. */
final class Directories {
  private Directories() {}

  static void create(Engine engine, Path path) throws IOException {
    Deque<Path> missing = new ArrayDeque<>(); // the highest first
    missing.push(path);
    while (!missing.isEmpty()) {
      Path next = missing.peek();
      try {
        createOne(engine, next);
        missing.pop();
      } catch (NoSuchFileException e) {
        Path above = next.getParent();
        if (above == null) {
          throw e;
        }
        missing.push(above);
      }
    }
  }

  private static void createOne(Engine engine, Path path) throws IOException {
    try {
      Files.createDirectory(engine, path);
    } catch (FileAlreadyExistsException e) {
      if (!isDirectory(engine, path)) {
        throw e;
      }
    }
  }

  private static boolean isDirectory(Engine engine, Path path) throws IOException {
    try {
      return Files.metadata(engine, path).isDirectory();
    } catch (NoSuchFileException e) { // a link to nothing
      return false;
    }
  }
}
