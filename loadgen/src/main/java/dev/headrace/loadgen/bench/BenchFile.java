package dev.headrace.loadgen.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** The file that the cells of a bench read, made for it and removed with it. */
final class BenchFile implements AutoCloseable {
  private static final int PIECE_BYTES = 1 << 20;

  private final Path path;

  private BenchFile(Path path) {
    this.path = path;
  }

  /** Makes it, which also brings it into the page cache. */
  static BenchFile make(Path path) throws IOException {
    BenchFile file = new BenchFile(path);
    byte[] piece = new byte[PIECE_BYTES];
    new Random(1).nextBytes(piece);
    try (OutputStream out = Files.newOutputStream(path)) {
      for (long written = 0; written < BenchPlan.FILE_BYTES; written += PIECE_BYTES) {
        out.write(piece);
      }
      return file;
    } catch (IOException e) {
      file.close();
      throw new IOException("cannot make the bench's file " + path + ": " + e.getMessage(), e);
    }
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(path);
  }
}
