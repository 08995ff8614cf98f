package dev.headrace.loadgen.bench;

import dev.headrace.EngineOptions;
import dev.headrace.Transport;
import dev.headrace.loadgen.Address;
import dev.headrace.loadgen.load.EchoWorkload;
import dev.headrace.loadgen.load.FileAccess;
import dev.headrace.loadgen.load.FileWorkload;
import dev.headrace.loadgen.load.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;

/** What a cell measures, up and ready for its turns. */
sealed interface Subject extends AutoCloseable {
  /** What is asked of it. */
  Workload load();

  /** Suits the generator's engine to it. */
  EngineOptions client(EngineOptions.Builder options);

  /**
   * What its {@code config} says beside what the load does.
   *
   * @param clientTransport of the generator
   */
  Map<String, Object> config(String clientTransport);

  @Override
  void close() throws IOException;

  /** A server that is driven: it has the cell's transport, the generator the host's best. */
  record Served(ServerProcess server, EchoWorkload load) implements Subject {
    static Served by(ServerProcess server) throws IOException {
      return new Served(
          server,
          new EchoWorkload(
              Address.parse(server.address()).resolveTarget(),
              BenchPlan.CONNECTIONS,
              BenchPlan.SIZE_BYTES,
              1));
    }

    @Override
    public EngineOptions client(EngineOptions.Builder options) {
      return options.build();
    }

    @Override
    public Map<String, Object> config(String clientTransport) {
      return Map.of("client_transport", clientTransport);
    }

    @Override
    public void close() throws IOException {
      server.close();
    }
  }

  /** A file: nobody serves it, so the generator itself has the cell's transport. */
  record OnFile(FileWorkload load, Transport transport) implements Subject {
    static OnFile of(Path file, Transport transport) {
      return new OnFile(
          new FileWorkload(
              FileAccess.RANDREAD,
              file,
              BenchPlan.BLOCK_BYTES,
              BenchPlan.FILE_DEPTH,
              OptionalLong.empty(),
              false,
              false),
          transport);
    }

    @Override
    public EngineOptions client(EngineOptions.Builder options) {
      return load.tuned(options.transport(transport));
    }

    @Override
    public Map<String, Object> config(String clientTransport) {
      return Map.of();
    }

    @Override
    public void close() {}
  }
}
