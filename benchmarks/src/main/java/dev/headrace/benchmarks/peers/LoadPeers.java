package dev.headrace.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Clients of one and the same server: how much each drives on one core. */
@Command(
    name = "load",
    description = "Load clients, all driving the C epoll echo.",
    mixinStandardHelpOptions = true)
final class LoadPeers implements Callable<Integer> {
  @Mixin Turns turns;

  @Option(
      names = "--connections",
      split = ",",
      defaultValue = "64,512",
      description = "Connections, a table each (${DEFAULT-VALUE}).")
  List<Integer> connections;

  @Option(names = "--size", defaultValue = "64", description = "Bytes (${DEFAULT-VALUE}).")
  int sizeBytes;

  private interface Client {
    JsonNode run(ServerProcess server, int connections) throws IOException, InterruptedException;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    CClient c = new CClient(turns, sizeBytes);
    Map<String, Client> all = new LinkedHashMap<>();
    all.put("c-epoll-load", (server, count) -> c.run(server, count, turns.seconds));
    all.put("headrace-load", this::headrace);
    Map<String, Client> clients = turns.chosen(all);
    List<String> command = List.of(turns.peer("c/target/epoll-echo"), "0");
    try (ServerProcess server = ServerProcess.start(Programs.onCpu(0, command))) {
      for (int count : connections) {
        Collection<Contender> measured =
            turns.run(
                clients.keySet(), name -> Turns.Sample.of(clients.get(name).run(server, count)));
        turns.print(
            "load, " + count + " connections, CPU of the client per request",
            "req/s",
            measured,
            List.of("c-epoll-load"));
      }
    }
    return 0;
  }

  /** A JVM a turn: it warms up for {@code --warmup}, then measures for one turn. */
  private JsonNode headrace(ServerProcess server, int count)
      throws IOException, InterruptedException {
    List<String> arguments =
        List.of(
            "load",
            "echo",
            "--target",
            server.address(),
            "--connections",
            String.valueOf(count),
            "--size",
            String.valueOf(sizeBytes),
            "--loops",
            "1",
            "--warmup",
            (long) (turns.warmupSeconds * 1000) + "ms",
            "--duration",
            (long) (turns.seconds * 1000) + "ms",
            "--json");
    return Programs.json(Programs.onCpu(CClient.CPU, ServerProcess.headrace(arguments)));
  }
}
