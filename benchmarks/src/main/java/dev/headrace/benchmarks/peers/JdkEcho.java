package dev.headrace.benchmarks.peers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The peer "JDK alone": an echo of blocking calls, with a virtual thread per connection. Argument:
 * PORT.
 *
 * <p>Socket channels with a direct buffer, because that is the JDK's shortest way: a heap buffer,
 * and a {@code Socket}'s streams with it, is copied through a direct one on each call.
 */
public final class JdkEcho {
  /** As Tokio's peer: each holds one for every connection. */
  private static final int BUFFER_BYTES = 4096;

  private JdkEcho() {}

  /** Runs until it is killed. */
  public static void main(String[] arguments) throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])), 4096);
      System.out.println(
          "listening on 127.0.0.1:" + ((InetSocketAddress) listener.getLocalAddress()).getPort());
      while (true) {
        SocketChannel client = listener.accept();
        Thread.startVirtualThread(() -> serve(client));
      }
    }
  }

  private static void serve(SocketChannel accepted) {
    try (SocketChannel client = accepted) {
      client.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
      while (client.read(buffer) >= 0) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          client.write(buffer);
        }
        buffer.clear();
      }
    } catch (IOException e) {
      // The client has gone: only its own thread ends.
    }
  }
}
