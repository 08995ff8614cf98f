package dev.headrace.benchmarks.peers;

import dev.headrace.loadgen.Values;
import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A file that the page cache holds, over HTTP: CPU of the server per request. */
@Command(
    name = "httpfile",
    description = "HTTP servers that send one cached file, all driven by wrk.",
    mixinStandardHelpOptions = true)
final class HttpFilePeers implements Callable<Integer> {
  private static final String NAME = "peers-http.bin";

  @Mixin Turns turns;

  @Option(
      names = "--connections",
      split = ",",
      defaultValue = "16",
      description = "Connections, a table each (${DEFAULT-VALUE}).")
  List<Integer> connections;

  @Option(
      names = "--size",
      defaultValue = "1m",
      converter = Values.Size.class,
      description = "Bytes of the file (${DEFAULT-VALUE}).")
  long sizeBytes;

  @Override
  public Integer call() throws IOException, InterruptedException {
    turns.seconds = Wrk.wholeSeconds(turns.seconds);
    byte[] content = new byte[Math.toIntExact(sizeBytes)];
    new SplittableRandom().nextBytes(content);
    // Beside the other files: a temporary directory may be on tmpfs, whose pages are not a disk's.
    Path local = Files.createDirectories(Path.of("bench-results", "local").toAbsolutePath());
    Path root = Files.createTempDirectory(local, "peers-http");
    Path file = Files.write(root.resolve(NAME), content);
    try (Servers servers = Servers.start(turns.chosen(sides(root)))) {
      measure(servers, content);
    } finally {
      Files.delete(file);
      Files.delete(root);
    }
    return 0;
  }

  private void measure(Servers servers, byte[] content) throws IOException, InterruptedException {
    Wrk wrk = new Wrk("/" + NAME);
    for (String name : servers.names()) {
      wrk.checkAnswer(name, servers.get(name), content);
      wrk.drive(servers.get(name), connections.getFirst(), turns.warmupSeconds);
    }
    for (int count : connections) {
      Collection<Contender> measured =
          turns.run(servers.names(), name -> wrk.drive(servers.get(name), count, turns.seconds));
      turns.print(
          String.format(
              "httpfile, %d bytes, %d connections, CPU of the server per request",
              content.length, count),
          "req/s",
          measured,
          List.of("nginx"));
    }
  }

  private Map<String, List<String>> sides(Path root) throws IOException {
    Map<String, List<String>> sides = new LinkedHashMap<>();
    sides.put(
        "nginx",
        List.of(turns.peer("nginx/serve"), String.valueOf(Servers.freePort()), root.toString()));
    sides.put("headrace-io_uring", headrace(root, "io_uring"));
    sides.put("headrace-epoll", headrace(root, "epoll"));
    return sides;
  }

  private static List<String> headrace(Path root, String transport) {
    return ServerProcess.headrace(
        List.of(
            "serve",
            "http",
            "--bind",
            "127.0.0.1:0",
            "--root",
            root.toString(),
            "--loops",
            "1",
            "--transport",
            transport));
  }
}
