package dev.headrace.benchmarks.peers;

import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The servers of one comparison, all on one core: those that start. */
final class Servers implements AutoCloseable {
  private static final int CPU = 0;

  private final Map<String, ServerProcess> processes = new LinkedHashMap<>();

  private Servers() {}

  /**
   * Starts what can be started. A side that cannot, because it was not built or refuses an option,
   * is dropped with a note: the others are measured none the less.
   */
  static Servers start(Map<String, List<String>> commands) throws IOException {
    Servers servers = new Servers();
    commands.forEach(
        (name, command) -> {
          try {
            servers.processes.put(name, ServerProcess.start(Programs.onCpu(CPU, command)));
          } catch (IOException e) {
            System.err.println("peers: without " + name + ": " + e.getMessage());
          }
        });
    if (servers.processes.isEmpty()) {
      throw new IOException("none of " + commands.keySet() + " started");
    }
    return servers;
  }

  Set<String> names() {
    return processes.keySet();
  }

  ServerProcess get(String name) {
    return processes.get(name);
  }

  /** Where a server listens, by its own first line. */
  static int port(ServerProcess server) {
    return Integer.parseInt(server.address().substring(server.address().lastIndexOf(':') + 1));
  }

  /** For a program that takes none by itself. */
  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    processes.values().forEach(ServerProcess::close);
  }
}
