package dev.headrace.examples;

import dev.headrace.Engine;
import dev.headrace.io.Streams;
import dev.headrace.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Every byte that a client sends comes back. Try it with {@code nc 127.0.0.1 6142}. */
public final class EchoWithCopy {
  private EchoWithCopy() {}

  // doc:begin
  public static void main(String[] args) throws IOException {
    try (Engine engine = Engine.start();
        TcpListener listener = TcpListener.bind(engine, new InetSocketAddress("127.0.0.1", 6142))) {
      serve(listener);
    }
  }

  static void serve(TcpListener listener) throws IOException {
    listener.serve(
        client -> {
          long count = Streams.copy(client, client);
          IO.println("wrote " + count + " bytes");
        });
  }
  // doc:end
}
