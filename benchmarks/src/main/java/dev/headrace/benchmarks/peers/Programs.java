package dev.headrace.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Commands, and what they say. */
final class Programs {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Programs() {}

  /** The same command, kept on one CPU. */
  static List<String> onCpu(int cpu, List<String> command) {
    List<String> pinned = new ArrayList<>(List.of("taskset", "-c", String.valueOf(cpu)));
    pinned.addAll(command);
    return pinned;
  }

  /** A main class of ours on a JVM with its defaults. */
  static List<String> plainJava(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  /** Runs a command to its good end; what it prints. */
  static String output(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectError(Redirect.DISCARD).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("status " + process.exitValue() + ": " + String.join(" ", command));
    }
    return output;
  }

  /** Runs a command to its good end; the document that it prints. */
  static JsonNode json(List<String> command) throws IOException, InterruptedException {
    return JSON.readTree(output(command));
  }

  /** A document that a process printed. */
  static JsonNode json(String text) throws IOException {
    return JSON.readTree(text);
  }
}
