package dev.headrace.file;

import dev.headrace.Engine;
import dev.headrace.internal.ring.DirectoryRequest;
import dev.headrace.internal.ring.FileRequests;
import dev.headrace.internal.ring.LoopFiles;
import dev.headrace.internal.ring.OpenFile;
import dev.headrace.internal.ring.PathRequests;
import dev.headrace.io.TooLongException;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Files that are read or written as one. */
final class WholeFile {
  /** So much of an array is copied to where the kernel can take it, at a time. */
  private static final int CHUNK_BYTES = 1 << 20;

  private static final int LEAST_BYTES = 8 << 10;
  private static final int DEFAULT_MODE = 0666;

  private WholeFile() {}

  static byte[] read(Engine engine, Path path, int limitBytes) throws IOException {
    if (limitBytes < 0) {
      throw new IllegalArgumentException("limitBytes is " + limitBytes + ", must be 0 or more");
    }
    try (AsyncFile file = AsyncFile.open(engine, path, OpenOptions.reading())) {
      long size = file.size(); // a hint: it may grow, and what /proc holds has none
      if (size > limitBytes) {
        throw tooLong(path, limitBytes);
      }
      byte[] bytes = new byte[(int) Math.min(limitBytes, Math.max(LEAST_BYTES, size))];
      int count = 0;
      for (ByteBuf more = file.receive(); more != null; more = file.receive()) {
        try {
          bytes = withRoom(bytes, count, more.readableBytes(), path, limitBytes);
          int length = more.readableBytes();
          more.readBytes(bytes, count, length);
          count += length;
        } finally {
          more.release();
        }
      }
      return count == bytes.length ? bytes : Arrays.copyOf(bytes, count);
    }
  }

  private static byte[] withRoom(byte[] bytes, int count, int more, Path path, int limitBytes)
      throws TooLongException {
    if (more > limitBytes - count) {
      throw tooLong(path, limitBytes);
    }
    return count + more <= bytes.length
        ? bytes
        : Arrays.copyOf(bytes, (int) Math.min(limitBytes, 2L * (count + more)));
  }

  private static TooLongException tooLong(Path path, int limitBytes) {
    return new TooLongException(path + ": a file", limitBytes);
  }

  static void write(Engine engine, Path path, byte[] bytes, OpenOptions options)
      throws IOException {
    try (AsyncFile file = AsyncFile.open(engine, path, options)) {
      write(file, bytes);
    }
  }

  private static void write(AsyncFile file, byte[] bytes) throws IOException {
    int at = 0;
    do {
      int length = Math.min(CHUNK_BYTES, bytes.length - at);
      file.write(ByteBuffer.wrap(bytes, at, length));
      at += length;
    } while (at < bytes.length);
  }

  /** Nobody ever sees a part of it, also not after the host has crashed. */
  static void replace(Engine engine, Path path, byte[] bytes) throws IOException {
    LoopFiles files = AsyncFile.home(engine);
    Path directory = path.resolveSibling("");
    String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    Path temporary = path.resolveSibling(".headrace-" + random + ".tmp");
    Integer mode = modeOf(files, path);
    OpenOptions options =
        OpenOptions.writing().createNew().mode(mode == null ? DEFAULT_MODE : mode);
    AsyncFile file = AsyncFile.open(engine, temporary, options);
    try {
      try (file) {
        if (mode != null) {
          Asking.ask(files, PathRequests.setMode(temporary, mode)); // also what the umask took
        }
        write(file, bytes);
        file.syncAll();
      }
      Asking.askToTheEnd(files, null, PathRequests.rename(temporary, path, true));
    } catch (Throwable e) {
      Asking.removeHalfOf(files, temporary, e);
      throw e;
    }
    syncDirectory(files, directory);
  }

  /** Null where there is none. */
  private static Integer modeOf(LoopFiles files, Path path) throws IOException {
    try {
      FileStat stat = FileStat.of(Asking.ask(files, PathRequests.metadata(path, true)));
      return FileStat.mode(stat.permissions());
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private static void syncDirectory(LoopFiles files, Path path) throws IOException {
    OpenFile directory = Asking.ask(files, DirectoryRequest.open(files.engine(), path));
    try {
      Asking.ask(files, directory, FileRequests.sync(directory, false));
    } finally {
      Closing.await(directory.close());
    }
  }
}
