package dev.headrace.examples;

import dev.headrace.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Work that blocks its thread, beside the loops: the lines of a file that hold a word. */
public final class BlockingWork {
  private BlockingWork() {}

  public static void main(String[] args) throws Exception {
    try (Engine engine = Engine.start()) {
      IO.println("lines with 'netty': " + linesWith("netty", engine, Path.of("pom.xml")));
    }
  }

  // doc:begin
  static List<String> linesWith(String word, Engine engine, Path file) throws Exception {
    return engine.blocking(
        () -> {
          try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.contains(word)).toList();
          }
        });
  }
  // doc:end
}
