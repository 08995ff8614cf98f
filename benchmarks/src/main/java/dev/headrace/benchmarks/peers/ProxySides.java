package dev.headrace.benchmarks.peers;

import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The proxies, and how each is started before an upstream.
 *
 * @param turns where they were built
 */
record ProxySides(Turns turns) {
  static final List<String> BASES = List.of("haproxy", "nginx-stream", "tokio");

  /** Those that were asked for, serving on CPU 0. */
  Servers start(int upstreamPort) throws IOException {
    return Servers.start(turns.chosen(commands(String.valueOf(upstreamPort))));
  }

  private Map<String, List<String>> commands(String upstream) throws IOException {
    Map<String, List<String>> sides = new LinkedHashMap<>();
    String haproxy = turns.peer("haproxy/serve");
    sides.put("haproxy", List.of(haproxy, freePort(), upstream));
    sides.put("haproxy-splice", List.of(haproxy, freePort(), upstream, "option splice-auto"));
    sides.put("nginx-stream", List.of(turns.peer("nginx/stream"), freePort(), upstream));
    sides.put("tokio", List.of(turns.peer("rust/target/release/tokio-proxy"), "0", upstream));
    sides.put("headrace-io_uring", headrace(upstream, "--transport", "io_uring"));
    sides.put("headrace-epoll", headrace(upstream, "--transport", "epoll"));
    sides.put("headrace-nio", headrace(upstream, "--transport", "nio"));
    sides.put(
        "headrace-io_uring-stream",
        headrace(upstream, "--transport", "io_uring", "--api", "stream"));
    // Both with their defaults, on a JVM with its defaults.
    sides.put("netty-io_uring", Programs.plainJava(NettyProxy.class, "io_uring", "0", upstream));
    sides.put("netty-epoll", Programs.plainJava(NettyProxy.class, "epoll", "0", upstream));
    return sides;
  }

  private static List<String> headrace(String upstream, String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of("serve", "proxy", "--upstream", "127.0.0.1:" + upstream, "--loops", "1"));
    arguments.addAll(List.of("--bind", "127.0.0.1:0"));
    arguments.addAll(List.of(options));
    return ServerProcess.headrace(arguments);
  }

  private static String freePort() throws IOException {
    return String.valueOf(Servers.freePort());
  }
}
