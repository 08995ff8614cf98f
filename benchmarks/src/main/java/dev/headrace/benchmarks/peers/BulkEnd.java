package dev.headrace.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.util.List;

/** A writer or a reader in a process of its own. */
final class BulkEnd implements AutoCloseable {
  private static final double MIB = 1024 * 1024;

  private final WarmProcess process;
  private final int port;

  private BulkEnd(WarmProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  static BulkEnd writer(int cpu, List<String> command) throws IOException {
    return new BulkEnd(WarmProcess.start(cpu, command), 0);
  }

  static BulkEnd reader(int cpu, List<String> command) throws IOException {
    WarmProcess process = WarmProcess.start(cpu, command);
    String listening = process.hear();
    return new BulkEnd(
        process, Integer.parseInt(listening.substring(listening.lastIndexOf(':') + 1)));
  }

  /** A writer's turn. */
  void write(double seconds, BulkEnd reader) throws IOException {
    process.tell(seconds + " " + reader.port);
  }

  /** A turn of the JDK's writer, through a proxy whose CPU it reads in place of its own. */
  void write(double seconds, ServerProcess proxy) throws IOException {
    process.tell(seconds + " " + Servers.port(proxy) + " " + proxy.pid());
  }

  /** Where a reader listens. */
  int port() {
    return port;
  }

  /** What this end saw of the turn that has just ended. */
  JsonNode result() throws IOException {
    JsonNode result = process.result();
    if (result.get("bytes").asLong() == 0) {
      throw new IOException("nothing moved in a turn: " + result);
    }
    return result;
  }

  /** Of a result: CPU per MiB, MiB per second. */
  static Turns.Sample sample(JsonNode result) {
    double mib = result.get("bytes").asDouble() / MIB;
    return new Turns.Sample(
        result.get("cpu_seconds").asDouble() * 1e6 / mib, mib / result.get("seconds").asDouble());
  }

  @Override
  public void close() {
    process.close();
  }
}
