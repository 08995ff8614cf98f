package dev.headrace.child;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headrace.io.BufferedSource;
import dev.headrace.io.ByteSink;
import dev.headrace.io.Sinks;
import dev.headrace.io.Sources;
import dev.headrace.io.Streams;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** Reads a line of standard input, and prints it on standard output and standard error. */
public final class StandardEcho {
  private StandardEcho() {}

  public static void main(String[] arguments) throws IOException {
    System.setIn(new ByteArrayInputStream(arguments[0].getBytes(UTF_8)));
    String line = new BufferedSource(Sources.standardInput()).readLine(100);
    for (ByteSink sink : new ByteSink[] {Sinks.standardOutput(), Sinks.standardError()}) {
      Streams.writeAll(sink, line, UTF_8);
      sink.flush();
    }
  }
}
