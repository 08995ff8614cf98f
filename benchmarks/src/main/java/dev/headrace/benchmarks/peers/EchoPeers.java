package dev.headrace.benchmarks.peers;

import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Echo servers on one core each, driven by the C client: CPU of the server per request. */
@Command(
    name = "echo",
    description = "Echo servers, all driven by the C client.",
    mixinStandardHelpOptions = true)
final class EchoPeers implements Callable<Integer> {
  private static final List<String> BASES =
      List.of(
          "c-io_uring",
          "c-epoll",
          "netty-io_uring",
          "tokio",
          "jdk-virtual-threads",
          "headrace-io_uring");

  @Mixin Turns turns;

  @Option(
      names = "--connections",
      split = ",",
      defaultValue = "64,512",
      description = "Connections, a table each (${DEFAULT-VALUE}).")
  List<Integer> connections;

  @Option(names = "--size", defaultValue = "64", description = "Bytes (${DEFAULT-VALUE}).")
  int sizeBytes;

  @Override
  public Integer call() throws IOException, InterruptedException {
    CClient client = new CClient(turns, sizeBytes);
    try (Servers servers = Servers.start(turns.chosen(sides()))) {
      for (String name : servers.names()) {
        client.run(servers.get(name), connections.getFirst(), turns.warmupSeconds);
        client.run(servers.get(name), connections.getLast(), turns.warmupSeconds / 4);
      }
      for (int count : connections) {
        Collection<Contender> measured =
            turns.run(
                servers.names(),
                name -> CClient.sample(client.run(servers.get(name), count, turns.seconds)));
        turns.print(
            "echo, " + count + " connections, CPU of the server per request",
            "req/s",
            measured,
            BASES);
      }
    }
    return 0;
  }

  private Map<String, List<String>> sides() {
    Map<String, List<String>> sides = new LinkedHashMap<>();
    sides.put("c-io_uring", List.of(turns.peer("c/target/uring-echo"), "0"));
    sides.put("c-epoll", List.of(turns.peer("c/target/epoll-echo"), "0"));
    sides.put("headrace-io_uring", headrace("--transport", "io_uring"));
    sides.put("headrace-epoll", headrace("--transport", "epoll"));
    sides.put("headrace-nio", headrace("--transport", "nio"));
    sides.put("headrace-io_uring-stream", headrace("--transport", "io_uring", "--api", "stream"));
    // Both with their defaults, on a JVM with its defaults.
    sides.put("netty-io_uring", Programs.plainJava(NettyEcho.class, "io_uring", "0"));
    sides.put("jdk-virtual-threads", Programs.plainJava(JdkEcho.class, "0"));
    sides.put("tokio", List.of(turns.peer("rust/target/release/tokio-echo"), "0"));
    return sides;
  }

  private static List<String> headrace(String... options) {
    List<String> arguments =
        new ArrayList<>(List.of("serve", "echo", "--bind", "127.0.0.1:0", "--loops", "1"));
    arguments.addAll(List.of(options));
    return ServerProcess.headrace(arguments);
  }
}
