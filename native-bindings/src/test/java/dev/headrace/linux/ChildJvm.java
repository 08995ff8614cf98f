package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM of its own for what only a JVM's arguments can bring about. */
final class ChildJvm {
  private ChildJvm() {}

  /** Runs a program of these tests to its good end and gives the lines that it prints. */
  static List<String> linesOf(Class<?> program, String... jvmArguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(List.of(jvmArguments));
    command.add("-cp");
    command.add(locationOf(Linux.class) + File.pathSeparator + locationOf(program));
    command.add(program.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
    return output.lines().toList();
  }

  private static Path locationOf(Class<?> type) throws Exception {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
