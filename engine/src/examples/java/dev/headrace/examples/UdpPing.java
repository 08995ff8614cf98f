package dev.headrace.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headrace.Engine;
import dev.headrace.net.Received;
import dev.headrace.net.UdpSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** A datagram there, and one back. */
public final class UdpPing {
  private UdpPing() {}

  public static void main(String[] args) throws IOException {
    try (Engine engine = Engine.start()) {
      ping(engine, new InetSocketAddress("127.0.0.1", 0));
    }
  }

  // doc:begin
  static void ping(Engine engine, InetSocketAddress anyPort) throws IOException {
    try (UdpSocket server = UdpSocket.bind(engine, anyPort);
        UdpSocket client = UdpSocket.bind(engine, anyPort)) {
      client.connect(server.localAddress());
      client.send(UTF_8.encode("hello UDP"));

      ByteBuffer buffer = ByteBuffer.allocate(1024);
      Received<InetSocketAddress> ping = server.receiveFrom(buffer);
      IO.println("the server got '" + UTF_8.decode(buffer.flip()) + "' from " + ping.sender());
      server.sendTo(UTF_8.encode("got it!"), ping.sender());

      client.receive(buffer.clear());
      IO.println("the client got '" + UTF_8.decode(buffer.flip()) + "'");
    }
  }
  // doc:end
}
