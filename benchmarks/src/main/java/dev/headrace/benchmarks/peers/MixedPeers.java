package dev.headrace.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.loadgen.PairedRatio;
import dev.headrace.loadgen.Values;
import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What file reads on the same loop do to the latency of an echo: at a fixed rate, from the intended
 * times.
 */
@Command(
    name = "mixed",
    description = "The latency of an echo whose loop reads a file as well.",
    mixinStandardHelpOptions = true)
final class MixedPeers implements Callable<Integer> {
  @Mixin Turns turns;

  @Option(
      names = "--file",
      defaultValue = "bench-results/local/peers-file.bin",
      description = "What is read; made if it is missing (${DEFAULT-VALUE}).")
  Path path;

  @Option(
      names = "--size",
      defaultValue = "2g",
      converter = Values.Size.class,
      description = "Bytes of the file (${DEFAULT-VALUE}).")
  long sizeBytes;

  @Option(
      names = "--depth",
      defaultValue = "64",
      description = "Reads in flight (${DEFAULT-VALUE}).")
  int depth;

  @Option(
      names = "--rate",
      defaultValue = "5000",
      description = "Echoes a second (${DEFAULT-VALUE}).")
  int rate;

  @Option(names = "--direct", description = "Past the page cache.")
  boolean direct;

  @Override
  public Integer call() throws IOException, InterruptedException {
    BenchmarkFile file = BenchmarkFile.prepare(path, sizeBytes);
    file.settle(direct);
    Map<String, List<JsonNode>> runs = new LinkedHashMap<>();
    Map<String, List<String>> sides = new LinkedHashMap<>();
    for (String backend : List.of("none", "ring", "threads")) {
      sides.put(backend, server(backend));
      runs.put(backend, new ArrayList<>());
    }
    List<String> order = new ArrayList<>(turns.chosen(sides).keySet());
    for (int round = 0; round < turns.rounds; round++) {
      Collections.shuffle(order, new Random());
      for (String name : order) {
        // One at a time: each reads for as long as it lives.
        try (ServerProcess server = ServerProcess.start(Programs.onCpu(0, sides.get(name)))) {
          runs.get(name).add(load(server));
        }
      }
    }
    print(runs);
    return 0;
  }

  private List<String> server(String backend) {
    return Programs.plainJava(
        EchoBesideFiles.class,
        backend,
        path.toAbsolutePath().toString(),
        String.valueOf(depth),
        direct ? "direct" : "buffered");
  }

  private JsonNode load(ServerProcess server) throws IOException, InterruptedException {
    List<String> arguments =
        List.of(
            "load",
            "echo",
            "--target",
            server.address(),
            "--connections",
            "16",
            "--rate",
            String.valueOf(rate),
            "--loops",
            "1",
            "--warmup",
            (long) (turns.warmupSeconds * 1000) + "ms",
            "--duration",
            (long) (turns.seconds * 1000) + "ms",
            "--json");
    return Programs.json(Programs.onCpu(CClient.CPU, ServerProcess.headrace(arguments)));
  }

  private void print(Map<String, List<JsonNode>> runs) {
    System.out.printf(
        "mixed: 64-byte echoes, %d a second, beside %s 4 KiB reads, %d in flight; medians of %d"
            + " rounds of %.1f s%n",
        rate, direct ? "direct" : "cached", depth, turns.rounds, turns.seconds);
    System.out.printf(
        "  %-10s %12s %12s %12s %12s%n", "reads", "p50 µs", "p99 µs", "p99.9 µs", "max µs");
    runs.forEach(
        (name, documents) -> {
          if (!documents.isEmpty()) {
            System.out.printf(
                "  %-10s %12.0f %12.0f %12.0f %12.0f%n",
                name,
                median(documents, "p50_seconds"),
                median(documents, "p99_seconds"),
                median(documents, "p99_9_seconds"),
                median(documents, "max_seconds"));
          }
        });
  }

  private static double median(List<JsonNode> documents, String field) {
    return PairedRatio.median(
        documents.stream()
            .mapToDouble(document -> document.get("latency").get(field).asDouble() * 1e6)
            .toArray());
  }
}
