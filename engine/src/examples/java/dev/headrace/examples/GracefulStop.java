package dev.headrace.examples;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.Signals;
import dev.headrace.Transport;
import dev.headrace.io.Streams;
import dev.headrace.net.TcpListener;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Serves until SIGTERM or Ctrl-C, and then lets the conversations under way come to their end. */
public final class GracefulStop {
  private GracefulStop() {}

  public static void main(String[] args) throws Exception {
    Transport transport = args.length > 0 ? Transport.valueOf(args[0]) : Transport.AUTO;
    run(EngineOptions.builder().transport(transport).build());
  }

  // doc:begin
  static void run(EngineOptions options) throws Exception {
    try (Signals signals = Signals.take(Duration.ofSeconds(30));
        Engine engine = Engine.start(options);
        TcpListener listener = TcpListener.bind(engine, new InetSocketAddress("127.0.0.1", 0))) {
      engine.spawn(() -> listener.serve(client -> Streams.copy(client, client)));
      IO.println("listening on port " + listener.localAddress().getPort());
      signals.awaitTermination();
      IO.println("draining");
    } // from the last to the first: no new clients, then the engine drains, then the process ends
  }
  // doc:end
}
