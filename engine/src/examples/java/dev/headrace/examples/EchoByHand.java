package dev.headrace.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headrace.Engine;
import dev.headrace.io.Streams;
import dev.headrace.net.TcpListener;
import dev.headrace.net.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** The echo server again, with an accept loop and a read loop of its own. */
public final class EchoByHand {
  private EchoByHand() {}

  public static void main(String[] args) throws IOException {
    try (Engine engine = Engine.start();
        TcpListener listener = TcpListener.bind(engine, new InetSocketAddress("127.0.0.1", 8080))) {
      IO.println("listening on " + listener.localAddress());
      serve(listener);
    }
  }

  // doc:begin
  static void serve(TcpListener listener) {
    for (TcpStream client : listener.incoming()) {
      IO.println("connection from " + client.remoteAddress());
      client.spawn(() -> echo(client));
    }
  }

  static void echo(TcpStream client) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(4096);
    while (client.read(buffer) != -1) {
      Streams.writeAll(client, "Echo: " + UTF_8.decode(buffer.flip()), UTF_8);
      buffer.clear();
    }
  }
  // doc:end
}
