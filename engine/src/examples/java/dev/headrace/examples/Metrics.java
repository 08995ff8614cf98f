package dev.headrace.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headrace.Engine;
import dev.headrace.io.BufferedSource;
import dev.headrace.io.Streams;
import dev.headrace.micrometer.EngineMetrics;
import dev.headrace.net.TcpListener;
import dev.headrace.net.TcpStream;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;

/** What the engine does, for Prometheus, by Micrometer, on a free port. */
public final class Metrics {
  private Metrics() {}

  public static void main(String[] args) throws IOException {
    try (Engine engine = Engine.start();
        TcpListener listener = TcpListener.bind(engine, new InetSocketAddress("127.0.0.1", 0))) {
      int port = listener.localAddress().getPort();
      IO.println("curl http://127.0.0.1:" + port + "/metrics");
      serve(engine, listener);
    }
  }

  // doc:begin
  static void serve(Engine engine, TcpListener listener) throws IOException {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new EngineMetrics(engine).bindTo(registry);
    listener.serve(client -> answer(client, registry));
  }

  static void answer(TcpStream client, PrometheusMeterRegistry registry) throws IOException {
    new BufferedSource(client).lines(8192).takeWhile(line -> !line.isEmpty()).count();
    String head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n";
    Streams.writeAll(client, head + registry.scrape(), UTF_8);
  }
  // doc:end
}
