package dev.headrace.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.util.List;

/**
 * The C echo client, on the other core: it reads the server's CPU clock itself, at both ends of its
 * window.
 *
 * @param turns where it was built
 * @param sizeBytes of a message
 */
record CClient(Turns turns, int sizeBytes) {
  static final int CPU = 1;

  /** Drives a server with that many connections for that long; what it printed. */
  JsonNode run(ServerProcess server, int connections, double seconds)
      throws IOException, InterruptedException {
    return Programs.json(
        Programs.onCpu(
            CPU,
            List.of(
                turns.peer("c/target/epoll-load"),
                String.valueOf(Servers.port(server)),
                String.valueOf(connections),
                String.valueOf(sizeBytes),
                String.valueOf(Turns.SETTLE_SECONDS),
                String.valueOf(seconds),
                String.valueOf(server.pid()))));
  }

  /** What the server did, by that print. */
  static Turns.Sample sample(JsonNode client) {
    return new Turns.Sample(
        client.get("server_cpu_seconds").asDouble() * 1e6 / client.get("requests").asDouble(),
        client.get("requests_per_second").asDouble());
  }
}
