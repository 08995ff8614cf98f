package dev.headrace.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headrace.Engine;
import dev.headrace.file.AsyncFile;
import dev.headrace.file.Files;
import dev.headrace.file.OpenOptions;
import dev.headrace.io.BufferedSink;
import dev.headrace.io.Streams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Whole files, buffered lines, and removing what was made. */
public final class FileTour {
  private FileTour() {}

  public static void main(String[] args) throws Exception {
    try (Engine engine = Engine.start()) {
      run(engine, Path.of("."));
    }
  }

  // doc:begin
  static void run(Engine engine, Path directory) throws IOException {
    Path test = directory.resolve("test.txt");
    Path output = directory.resolve("output.txt");

    Files.write(engine, test, "Hello, file I/O!");
    IO.println("contents: " + Files.readString(engine, test, 1 << 20));

    AsyncFile made = AsyncFile.open(engine, output, OpenOptions.creating());
    try (BufferedSink file = new BufferedSink(made)) {
      Streams.writeAll(file, "Line 1\n", UTF_8);
      Streams.writeAll(file, "Line 2\n", UTF_8);
      file.flush();
    }
    try (Stream<String> lines = Files.lines(engine, output)) {
      lines.forEach(line -> IO.println("read: " + line));
    }

    Files.remove(engine, test);
    Files.remove(engine, output);
  }
  // doc:end
}
