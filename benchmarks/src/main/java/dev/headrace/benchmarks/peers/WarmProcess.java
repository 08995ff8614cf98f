package dev.headrace.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A program that stays warm from turn to turn: it is told a line, and says one. */
final class WarmProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final BufferedWriter input;

  private WarmProcess(Process process) {
    this.process = process;
    output = process.inputReader(StandardCharsets.UTF_8);
    input = process.outputWriter(StandardCharsets.UTF_8);
  }

  static WarmProcess start(int cpu, List<String> command) throws IOException {
    return new WarmProcess(
        new ProcessBuilder(Programs.onCpu(cpu, command)).redirectError(Redirect.INHERIT).start());
  }

  void tell(String line) throws IOException {
    input.write(line);
    input.newLine();
    input.flush();
  }

  String hear() throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new IOException("a measured program ended: its reason is above");
    }
    return line;
  }

  /** What it saw of the turn that has just ended. */
  JsonNode result() throws IOException {
    return Programs.json(hear());
  }

  @Override
  public void close() {
    process.destroy();
  }
}
