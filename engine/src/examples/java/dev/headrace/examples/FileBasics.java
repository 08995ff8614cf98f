package dev.headrace.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.headrace.Engine;
import dev.headrace.io.ByteSink;
import dev.headrace.io.ByteSource;
import dev.headrace.io.Sinks;
import dev.headrace.io.Sources;
import dev.headrace.io.Streams;
import java.nio.ByteBuffer;
import java.nio.file.Files;
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
  static void run(Engine engine, Path path) throws Exception {
    // The engine has no asynchronous files yet: blocking() and the JDK's files stand in for them.
    engine.blocking(
        () -> {
          try (ByteSink file = Sinks.of(Files.newByteChannel(path, CREATE, WRITE))) {
            Streams.copy(Sources.of("hello, ".getBytes(UTF_8)), file);
            Streams.writeAll(file, "some bytes", UTF_8);
          }
          try (ByteSource file = Sources.of(Files.newByteChannel(path))) {
            ByteBuffer buffer = ByteBuffer.allocate(10);
            int count = file.read(buffer); // up to 10 bytes
            IO.println("the first " + count + " bytes: " + UTF_8.decode(buffer.flip()));
            IO.println("the rest: " + Streams.readToString(file, 1 << 20, UTF_8));
          }
          return null;
        });
  }
  // doc:end
}
