package dev.headrace.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headrace.Engine;
import dev.headrace.io.Streams;
import dev.headrace.net.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Says hello to a server, such as {@link EchoByHand}, and prints the answer. */
public final class Client {
  private Client() {}

  public static void main(String[] args) throws IOException {
    try (Engine engine = Engine.start()) {
      greet(engine, new InetSocketAddress("127.0.0.1", 8080));
    }
  }

  // doc:begin
  static void greet(Engine engine, InetSocketAddress server) throws IOException {
    try (TcpStream stream = TcpStream.connect(engine, server)) {
      IO.println("connected to the server");
      Streams.writeAll(stream, "Hello, server!", UTF_8);

      ByteBuffer buffer = ByteBuffer.allocate(4096);
      stream.read(buffer);
      IO.println("response: " + UTF_8.decode(buffer.flip()));
    }
  }
  // doc:end
}
