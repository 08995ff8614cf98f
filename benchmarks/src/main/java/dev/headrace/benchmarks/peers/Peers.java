package dev.headrace.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Headrace against its peers, side by side: many short rounds, in each every side once in random
 * order, server on one core and client on the other. {@code scripts/peers} builds the C peers and
 * starts this.
 */
@Command(name = "peers", description = "Measures Headrace and its peers turn by turn.")
public final class Peers {
  /** After connecting, before a turn counts. */
  private static final double SETTLE_SECONDS = 0.15;

  private static final ObjectMapper JSON = new ObjectMapper();

  @Option(names = "--c-peers", required = true, description = "Where the C peers were built.")
  Path cPeers;

  @Option(names = "--rounds", defaultValue = "31", description = "Rounds (${DEFAULT-VALUE}).")
  int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "0.4",
      description = "Length of one turn in seconds (${DEFAULT-VALUE}).")
  double seconds;

  @Option(
      names = "--warmup",
      defaultValue = "10",
      description = "Warm-up of each side in seconds (${DEFAULT-VALUE}).")
  double warmupSeconds;

  @Option(
      names = "--connections",
      split = ",",
      defaultValue = "64,512",
      description = "Connections, a table each (${DEFAULT-VALUE}).")
  List<Integer> connections;

  @Option(names = "--size", defaultValue = "64", description = "Bytes (${DEFAULT-VALUE}).")
  int sizeBytes;

  @Option(names = "--only", split = ",", description = "Only the sides with these names.")
  List<String> only;

  private final Random random = new Random();

  /** Runs, and ends the process with its status. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Peers()).execute(arguments));
  }

  private Map<String, List<String>> servers() {
    Map<String, List<String>> servers = new LinkedHashMap<>();
    servers.put("c-io_uring", List.of(cPeers.resolve("uring-echo").toString(), "0"));
    servers.put("c-epoll", List.of(cPeers.resolve("epoll-echo").toString(), "0"));
    for (String transport : List.of("io_uring", "epoll", "nio")) {
      servers.put(
          "headrace-" + transport,
          ServerProcess.headrace(
              List.of(
                  "serve",
                  "echo",
                  "--bind",
                  "127.0.0.1:0",
                  "--loops",
                  "1",
                  "--transport",
                  transport)));
    }
    servers.put(
        "netty-io_uring", // with its defaults, on a JVM with its defaults
        List.of(
            ProcessHandle.current().info().command().orElse("java"),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            NettyEcho.class.getName(),
            "io_uring",
            "0"));
    if (only != null) {
      servers.keySet().retainAll(only);
    }
    return servers;
  }

  /** Echo servers, driven by the C client: CPU of the server per request. */
  @Command(name = "echo", description = "Echo servers, all driven by the C client.")
  int echo() throws IOException, InterruptedException {
    Map<String, ServerProcess> servers = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, List<String>> side : servers().entrySet()) {
        servers.put(side.getKey(), ServerProcess.start(onCpu(0, side.getValue())));
      }
      for (ServerProcess server : servers.values()) {
        cClient(server, connections.getFirst(), warmupSeconds);
        cClient(server, connections.getLast(), warmupSeconds / 4);
      }
      for (int count : connections) {
        Map<String, Contender> sides = new LinkedHashMap<>();
        servers.keySet().forEach(name -> sides.put(name, new Contender(name)));
        for (int round = 0; round < rounds; round++) {
          List<String> order = new ArrayList<>(servers.keySet());
          Collections.shuffle(order, random);
          for (String name : order) {
            ServerProcess server = servers.get(name);
            JsonNode client = cClient(server, count, seconds);
            sides
                .get(name)
                .add(
                    client.get("server_cpu_seconds").asDouble()
                        * 1e6
                        / client.get("requests").asDouble(),
                    client.get("requests_per_second").asDouble());
          }
        }
        print("echo, " + count + " connections, CPU of the server per request", sides);
      }
    } finally {
      servers.values().forEach(ServerProcess::close);
    }
    return 0;
  }

  private JsonNode cClient(ServerProcess server, int count, double forSeconds)
      throws IOException, InterruptedException {
    String port = server.address().substring(server.address().lastIndexOf(':') + 1);
    return json(
        onCpu(
            1,
            List.of(
                cPeers.resolve("epoll-load").toString(),
                port,
                String.valueOf(count),
                String.valueOf(sizeBytes),
                String.valueOf(SETTLE_SECONDS),
                String.valueOf(forSeconds),
                String.valueOf(server.pid()))));
  }

  /** Clients of one and the same server: how much each drives on one core. */
  @Command(name = "load", description = "Load clients, all driving the C epoll echo.")
  int load() throws IOException, InterruptedException {
    List<String> command = List.of(cPeers.resolve("epoll-echo").toString(), "0");
    try (ServerProcess server = ServerProcess.start(onCpu(0, command))) {
      for (int count : connections) {
        Map<String, Contender> sides = new LinkedHashMap<>();
        sides.put("c-epoll-load", new Contender("c-epoll-load"));
        sides.put("headrace-load", new Contender("headrace-load"));
        for (int round = 0; round < rounds; round++) {
          List<String> order = new ArrayList<>(sides.keySet());
          Collections.shuffle(order, random);
          for (String name : order) {
            JsonNode run =
                name.startsWith("c-")
                    ? cClient(server, count, seconds)
                    : headraceLoad(server, count);
            double cpuSeconds =
                run.get("cpu_seconds").isNumber()
                    ? run.get("cpu_seconds").asDouble()
                    : run.get("cpu_seconds").get("user").asDouble()
                        + run.get("cpu_seconds").get("system").asDouble();
            sides
                .get(name)
                .add(
                    cpuSeconds * 1e6 / run.get("requests").asDouble(),
                    run.get("requests_per_second").asDouble());
          }
        }
        print("load, " + count + " connections, CPU of the client per request", sides);
      }
    }
    return 0;
  }

  /** A JVM a turn: it warms up for {@code --warmup}, then measures for one turn. */
  private JsonNode headraceLoad(ServerProcess server, int count)
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
            (long) (warmupSeconds * 1000) + "ms",
            "--duration",
            (long) (seconds * 1000) + "ms",
            "--json");
    return json(onCpu(1, ServerProcess.headrace(arguments)));
  }

  private static List<String> onCpu(int cpu, List<String> command) {
    List<String> pinned = new ArrayList<>(List.of("taskset", "-c", String.valueOf(cpu)));
    pinned.addAll(command);
    return pinned;
  }

  private static JsonNode json(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("status " + process.exitValue() + ": " + String.join(" ", command));
    }
    return JSON.readTree(output);
  }

  private void print(String title, Map<String, Contender> sides) {
    System.out.printf("%s (%d rounds of %.1f s)%n", title, rounds, seconds);
    for (String base : List.of("c-io_uring", "c-epoll", "c-epoll-load", "netty-io_uring")) {
      if (sides.containsKey(base)) {
        System.out.print(Contender.header(base));
        sides.values().forEach(side -> System.out.print(side.row(sides.get(base))));
      }
    }
  }
}
