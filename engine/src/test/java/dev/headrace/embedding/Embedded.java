package dev.headrace.embedding;

import dev.headrace.Engine;
import dev.headrace.Listener;
import dev.headrace.service.Echo;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** What an embedder does, with nothing but the exported packages. */
final class Embedded {
  private Embedded() {}

  public static void main(String[] args) throws Exception {
    try (Engine engine = Engine.start()) {
      Listener listener = Echo.serve(engine, new InetSocketAddress("127.0.0.1", 0));
      try (SocketChannel client = SocketChannel.open(listener.localAddress())) {
        client.write(ByteBuffer.wrap("through the race".getBytes()));
        ByteBuffer answer = ByteBuffer.allocate("through the race".length());
        while (answer.hasRemaining() && client.read(answer) >= 0) {}
        System.out.println(new String(answer.array()));
      }
      System.out.println(Engine.class.getModule() + " on " + engine.transport());
      System.out.println(engine.report());
    }
  }
}
