package dev.headrace.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** What tests put into files and find there. */
final class Content {
  private Content() {}

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  static ByteBuffer direct(String text) {
    return ByteBuffer.allocateDirect(text.length()).put(text.getBytes(US_ASCII)).flip();
  }

  /** What was read into a buffer. */
  static String text(ByteBuffer buffer) {
    return US_ASCII.decode(buffer.duplicate().flip()).toString();
  }

  /** What a buffer holds; releases it. */
  static String text(ByteBuf buffer) {
    try {
      return buffer.toString(US_ASCII);
    } finally {
      buffer.release();
    }
  }

  static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /** All that is left of it. */
  static byte[] receiveAll(AsyncFile file) throws IOException {
    ByteBuf all = io.netty.buffer.Unpooled.buffer();
    for (ByteBuf next = file.receive(); next != null; next = file.receive()) {
      all.writeBytes(next);
      next.release();
    }
    return ByteBufUtil.getBytes(all);
  }

  /** A named pipe: opening it to read waits until somebody opens it to write. */
  static Path fifo(Path path) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("mkfifo", path.toString()).inheritIO().start();
    assumeTrue(
        process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0, "mkfifo fails here");
    return path;
  }

  /** How many threads of this process, kernel workers too, wait for the other end of a pipe. */
  static long waitingInOpen() throws IOException {
    long count = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path task : tasks) {
        try {
          String at = Files.readString(task.resolve("wchan"));
          if (at.contains("wait_for_partner")) {
            count++;
          }
        } catch (IOException e) {
          // It has ended meanwhile.
        }
      }
    }
    return count;
  }

  /** How many descriptors of this process lead into a directory. */
  static long descriptors(Path directory) throws IOException {
    long count = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : all) {
        try {
          if (Files.readSymbolicLink(descriptor).startsWith(directory.toRealPath())) {
            count++;
          }
        } catch (NoSuchFileException e) {
          // Closed between listing and looking.
        }
      }
    }
    return count;
  }

  /** File operations that are with the kernel or a thread. */
  static int inFlight(Engine engine) {
    return engine.stats().loops().stream().mapToInt(loop -> loop.files().inFlight()).sum();
  }
}
