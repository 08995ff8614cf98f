package dev.headrace.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

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
    Process process = new ProcessBuilder(command).start();
    CompletableFuture<String> complaint = text(process.getErrorStream());
    String output = text(process.getInputStream()).join();
    if (process.waitFor() != 0) {
      String reason = complaint.join().lines().findFirst().orElse("it gives no reason");
      throw new IOException(
          reason + " (status " + process.exitValue() + " of " + String.join(" ", command) + ")");
    }
    return output;
  }

  /** All that comes out of a program, read while it runs: a full pipe would stop it. */
  static CompletableFuture<String> text(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        command -> Thread.ofVirtual().start(command));
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
