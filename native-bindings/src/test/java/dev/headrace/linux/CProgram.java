package dev.headrace.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Asks the host's C compiler; a test that needs it is skipped where there is none. */
final class CProgram {
  private CProgram() {}

  /** Compiles the program with {@code cc} and gives the lines that it prints. */
  static List<String> linesOf(String source, Path directory)
      throws IOException, InterruptedException {
    assumeTrue(Linux.isPresent(), "not Linux: its headers are not here");
    assumeTrue(compilerIsPresent(), "no C compiler: cc is not on the PATH");
    Path file = Files.writeString(directory.resolve("program.c"), source);
    Path program = directory.resolve("program");
    run("cc", "-Wall", "-Werror", "-o", program.toString(), file.toString());
    return run(program.toString());
  }

  private static boolean compilerIsPresent() {
    return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "cc")));
  }

  private static List<String> run(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
    return output.lines().toList();
  }
}
