package dev.headrace.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headrace.Engine;
import dev.headrace.file.AsyncFile;
import dev.headrace.file.OpenOptions;
import dev.headrace.io.Sources;
import dev.headrace.io.Streams;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Reads and writes a file with what reads and writes any stream. */
public final class FileBasics {
  private FileBasics() {}

  public static void main(String[] args) throws Exception {
    try (Engine engine = Engine.start()) {
      run(engine, Path.of("foo.txt"));
    }
  }

  // doc:begin
  static void run(Engine engine, Path path) throws IOException {
    try (AsyncFile file = AsyncFile.open(engine, path, OpenOptions.creating())) {
      Streams.copy(Sources.of("hello, ".getBytes(UTF_8)), file);
      Streams.writeAll(file, "some bytes", UTF_8);
    }
    try (AsyncFile file = AsyncFile.open(engine, path, OpenOptions.reading())) {
      ByteBuffer buffer = ByteBuffer.allocate(10);
      int count = file.read(buffer); // up to 10 bytes
      IO.println("the first " + count + " bytes: " + UTF_8.decode(buffer.flip()));
      IO.println("the rest: " + Streams.readToString(file, 1 << 20, UTF_8));
    }
  }
  // doc:end
}
