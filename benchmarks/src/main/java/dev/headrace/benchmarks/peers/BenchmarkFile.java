package dev.headrace.benchmarks.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;

/** The file that all sides work on, and the state that each turn finds it in. */
record BenchmarkFile(Path path, long sizeBytes) {
  private static final int CHUNK_BYTES = 1024 * 1024;

  /**
   * Takes the file that is there, or writes one: of random bytes, so that neither a hole nor
   * something that compresses is read.
   *
   * @throws IOException where the measurement would be of something else than a disk and its cache
   */
  static BenchmarkFile prepare(Path path, long sizeBytes) throws IOException {
    Path directory = path.toAbsolutePath().getParent();
    Files.createDirectories(directory);
    String fileSystem = Files.getFileStore(directory).type();
    if (fileSystem.equals("tmpfs") || fileSystem.equals("ramfs")) {
      throw new IOException(
          directory + " is on " + fileSystem + ", which has no disk below: give another --file");
    }
    if (Files.notExists(path)) {
      write(path, sizeBytes);
    } else if (Files.size(path) != sizeBytes) {
      throw new IOException(
          String.format(
              "%s has %d bytes, not %d: remove it, or give its --size or another --file",
              path, Files.size(path), sizeBytes));
    }
    return new BenchmarkFile(path, sizeBytes);
  }

  private static void write(Path path, long sizeBytes) throws IOException {
    SplittableRandom random = new SplittableRandom();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    try (FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (long written = 0; written < sizeBytes; ) {
        random.nextBytes(chunk.array());
        chunk.clear().limit((int) Math.min(CHUNK_BYTES, sizeBytes - written));
        while (chunk.hasRemaining()) {
          written += channel.write(chunk);
        }
      }
      channel.force(true);
    }
  }

  /** What the turn before left dirty goes to the disk now, and not during the next one. */
  void sync() throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /**
   * Brings the whole file into the page cache for a buffered cell; takes it out for a direct one,
   * where the kernel would look each cached page up.
   */
  void settle(boolean direct) throws IOException, InterruptedException {
    sync();
    if (direct) {
      Programs.output(List.of("dd", "if=" + path, "iflag=nocache", "count=0"));
    } else {
      read();
    }
  }

  private void read() throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    try (FileChannel channel = FileChannel.open(path)) {
      while (channel.read(chunk.clear()) >= 0) {
        // The cache keeps it.
      }
    }
  }
}
