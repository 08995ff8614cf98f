package dev.headrace.benchmarks.peers;

import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** HTTP servers on one core each, driven by {@code wrk}: CPU of the server per request. */
@Command(
    name = "http",
    description = "HTTP servers that say hello, all driven by wrk.",
    mixinStandardHelpOptions = true)
final class HttpPeers implements Callable<Integer> {
  private static final byte[] HELLO = "Hello, World!\n".getBytes(StandardCharsets.UTF_8);
  private static final Wrk WRK = new Wrk("/");

  @Mixin Turns turns;

  @Option(
      names = "--connections",
      split = ",",
      defaultValue = "64,512",
      description = "Connections, a table each (${DEFAULT-VALUE}).")
  List<Integer> connections;

  @Override
  public Integer call() throws IOException, InterruptedException {
    turns.seconds = Wrk.wholeSeconds(turns.seconds);
    try (Servers servers = Servers.start(turns.chosen(sides()))) {
      for (String name : servers.names()) {
        WRK.checkAnswer(name, servers.get(name), HELLO);
        WRK.drive(servers.get(name), connections.getFirst(), turns.warmupSeconds);
        WRK.drive(servers.get(name), connections.getLast(), turns.warmupSeconds / 4);
      }
      for (int count : connections) {
        Collection<Contender> measured =
            turns.run(servers.names(), name -> WRK.drive(servers.get(name), count, turns.seconds));
        turns.print(
            "http, " + count + " connections, CPU of the server per request",
            "req/s",
            measured,
            List.of("go"));
      }
    }
    return 0;
  }

  private Map<String, List<String>> sides() {
    Map<String, List<String>> sides = new LinkedHashMap<>();
    sides.put("go", List.of("env", "GOMAXPROCS=1", turns.peer("go/target/http-hello"), "0"));
    sides.put(
        "headrace",
        ServerProcess.headrace(
            List.of(
                "serve",
                "http",
                "--bind",
                "127.0.0.1:0",
                "--loops",
                "1",
                "--transport",
                "io_uring")));
    return sides;
  }
}
