package dev.headrace.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.headrace.Engine;
import dev.headrace.io.BufferedSink;
import dev.headrace.io.BufferedSource;
import dev.headrace.io.Sinks;
import dev.headrace.io.Sources;
import dev.headrace.io.Streams;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whole files, buffered lines, and removing what was made. */
public final class FileTour {
  private FileTour() {}

  public static void main(String[] args) throws Exception {
    try (Engine engine = Engine.start()) {
      run(engine, Path.of("."));
    }
  }

  // doc:begin
  static void run(Engine engine, Path directory) throws Exception {
    Path test = directory.resolve("test.txt");
    Path output = directory.resolve("output.txt");

    // The engine has no asynchronous files yet: blocking() and the JDK's files stand in for them.
    engine.blocking(() -> Files.writeString(test, "Hello, file I/O!"));
    IO.println("contents: " + engine.blocking(() -> Files.readString(test)));

    engine.blocking(
        () -> {
          try (BufferedSink file =
              new BufferedSink(Sinks.of(Files.newByteChannel(output, CREATE, WRITE)))) {
            Streams.writeAll(file, "Line 1\n", UTF_8);
            Streams.writeAll(file, "Line 2\n", UTF_8);
            file.flush();
          }
          try (BufferedSource file = new BufferedSource(Sources.of(Files.newByteChannel(output)))) {
            file.lines(1024).forEach(line -> IO.println("read: " + line));
          }
          return null;
        });

    engine.blocking(() -> Files.deleteIfExists(test));
    engine.blocking(() -> Files.deleteIfExists(output));
  }
  // doc:end
}
