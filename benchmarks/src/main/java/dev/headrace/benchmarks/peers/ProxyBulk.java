package dev.headrace.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.util.Collection;

/**
 * One connection through a proxy, one way, in chunks of 1 MiB: CPU of the proxy per MiB. The JDK's
 * ends share the other core.
 *
 * @param turns their options
 */
record ProxyBulk(Turns turns) {
  void measure(ProxySides sides) throws IOException, InterruptedException {
    try (BulkEnd reader = BulkEnd.reader(CClient.CPU, BulkPeers.jdkReader());
        BulkEnd writer = BulkEnd.writer(CClient.CPU, BulkPeers.jdkWriter());
        Servers proxies = sides.start(reader.port())) {
      for (String name : proxies.names()) {
        turn(writer, proxies.get(name), reader, turns.warmupSeconds);
      }
      Collection<Contender> measured =
          turns.run(
              proxies.names(), name -> turn(writer, proxies.get(name), reader, turns.seconds));
      turns.print("proxy, bulk, CPU of the proxy per MiB", "MiB/s", measured, ProxySides.BASES);
    }
  }

  /** The writer reads the proxy's CPU at both ends of its window. */
  private static Turns.Sample turn(
      BulkEnd writer, ServerProcess proxy, BulkEnd reader, double seconds) throws IOException {
    writer.write(seconds, proxy);
    JsonNode written = writer.result();
    reader.result();
    return BulkEnd.sample(written);
  }
}
