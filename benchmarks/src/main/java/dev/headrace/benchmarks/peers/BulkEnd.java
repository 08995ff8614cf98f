package dev.headrace.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A writer or a reader in a process of its own, which stays warm from turn to turn. */
final class BulkEnd implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final BufferedWriter input;
  private final int port;

  private BulkEnd(int cpu, List<String> command, boolean listens) throws IOException {
    process =
        new ProcessBuilder(Programs.onCpu(cpu, command)).redirectError(Redirect.INHERIT).start();
    output = process.inputReader(StandardCharsets.UTF_8);
    input = process.outputWriter(StandardCharsets.UTF_8);
    if (listens) {
      String listening = hear();
      port = Integer.parseInt(listening.substring(listening.lastIndexOf(':') + 1));
    } else {
      port = 0;
    }
  }

  static BulkEnd writer(int cpu, List<String> command) throws IOException {
    return new BulkEnd(cpu, command, false);
  }

  static BulkEnd reader(int cpu, List<String> command) throws IOException {
    return new BulkEnd(cpu, command, true);
  }

  /** A writer's turn. */
  void write(double seconds, BulkEnd reader) throws IOException {
    input.write(seconds + " " + reader.port);
    input.newLine();
    input.flush();
  }

  /** What this end saw of the turn that has just ended. */
  JsonNode result() throws IOException {
    JsonNode result = Programs.json(hear());
    if (result.get("bytes").asLong() == 0) {
      throw new IOException("nothing moved in a turn: " + result);
    }
    return result;
  }

  private String hear() throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new IOException("a writer or reader ended: its reason is above");
    }
    return line;
  }

  @Override
  public void close() {
    process.destroy();
  }
}
