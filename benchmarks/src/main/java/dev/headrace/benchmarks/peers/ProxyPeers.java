package dev.headrace.benchmarks.peers;

import dev.headrace.loadgen.Values;
import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * TCP proxies on one core each, between the C client and the C epoll echo, which share the other
 * core: CPU of the proxy per request. And between a bulk writer and a bulk reader: per MiB.
 */
@Command(
    name = "proxy",
    description = "TCP proxies, all before one echo server and driven by the C client.",
    mixinStandardHelpOptions = true)
final class ProxyPeers implements Callable<Integer> {
  enum Cell {
    SMALL(64, 64),
    LARGE(64 * 1024, 16),
    BULK(0, 1);

    final int sizeBytes;
    final int connections;

    Cell(int sizeBytes, int connections) {
      this.sizeBytes = sizeBytes;
      this.connections = connections;
    }
  }

  @Mixin Turns turns;

  @Option(
      names = "--cells",
      split = ",",
      defaultValue = "small,large,bulk",
      description =
          "What passes, a table each (${DEFAULT-VALUE}): 64 bytes on 64 connections, 64 KiB on 16,"
              + " 1 MiB a write one way on one.")
  List<Cell> cells;

  @Option(
      names = "--size",
      converter = Values.Size.class,
      description = "Bytes of a message, in place of the cells' own.")
  Long sizeBytes;

  @Option(
      names = "--connections",
      description = "Connections, in place of the cells' own; bulk has one.")
  Integer connections;

  @Override
  public Integer call() throws IOException, InterruptedException {
    ProxySides sides = new ProxySides(turns);
    List<Cell> echoes = cells.stream().filter(cell -> cell != Cell.BULK).toList();
    if (!echoes.isEmpty()) {
      try (ServerProcess upstream = echo();
          Servers proxies = sides.start(Servers.port(upstream))) {
        for (Cell cell : echoes) {
          measure(
              proxies,
              sizeBytes == null ? cell.sizeBytes : Math.toIntExact(sizeBytes),
              connections == null ? cell.connections : connections);
        }
      }
    }
    if (cells.contains(Cell.BULK)) {
      new ProxyBulk(turns).measure(sides);
    }
    return 0;
  }

  /** It shares the client's core: the proxy has its own. */
  private ServerProcess echo() throws IOException {
    return ServerProcess.start(
        Programs.onCpu(CClient.CPU, List.of(turns.peer("c/target/epoll-echo"), "0")));
  }

  private void measure(Servers proxies, int size, int count)
      throws IOException, InterruptedException {
    CClient client = new CClient(turns, size);
    for (String name : proxies.names()) {
      client.run(proxies.get(name), count, turns.warmupSeconds);
    }
    Collection<Contender> measured =
        turns.run(
            proxies.names(),
            name -> CClient.sample(client.run(proxies.get(name), count, turns.seconds)));
    turns.print(
        String.format("proxy, %d bytes, %d connections, CPU of the proxy per request", size, count),
        "req/s",
        measured,
        ProxySides.BASES);
  }
}
