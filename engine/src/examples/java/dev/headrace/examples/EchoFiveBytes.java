package dev.headrace.examples;

import dev.headrace.Engine;
import dev.headrace.io.Streams;
import dev.headrace.net.TcpListener;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Accepts connections, reads five bytes from each and writes them back. */
public final class EchoFiveBytes {
  private EchoFiveBytes() {}

  public static void main(String[] args) throws IOException {
    try (Engine engine = Engine.start();
        TcpListener listener = TcpListener.bind(engine, new InetSocketAddress("127.0.0.1", 6142))) {
      serve(listener);
    }
  }

  // doc:begin
  static void serve(TcpListener listener) throws IOException {
    listener.serve(
        client -> {
          IO.println("accepted; address=" + client.remoteAddress());
          byte[] five = Streams.readExact(client, 5);
          Streams.writeAll(client, five);
        });
  }
  // doc:end
}
