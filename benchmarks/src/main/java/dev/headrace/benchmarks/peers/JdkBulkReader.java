package dev.headrace.benchmarks.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The JDK's blocking bulk reader: up to 1 MiB a call, into a direct buffer, and forgotten.
 * Argument: {@code platform|virtual}, its thread. It says where it listens, takes one connection
 * after the other, and prints a line of JSON when one has closed.
 */
public final class JdkBulkReader {
  private JdkBulkReader() {}

  /** Runs until it is killed. */
  public static void main(String[] arguments) throws InterruptedException {
    thread(arguments[0], JdkBulkReader::run).join();
  }

  private static void run() throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BulkMeter.CHUNK_BYTES);
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress("127.0.0.1", 0));
      System.out.println(
          "listening on 127.0.0.1:" + ((InetSocketAddress) listener.getLocalAddress()).getPort());
      while (true) {
        try (SocketChannel channel = listener.accept()) {
          BulkMeter meter = BulkMeter.untilClosed();
          for (int count = 0; count >= 0; count = channel.read(buffer.clear())) {
            meter.moved(count);
          }
          System.out.println(meter.json());
        }
      }
    }
  }

  interface Work {
    void run() throws IOException;
  }

  static Thread thread(String kind, Work work) {
    Thread.Builder builder = kind.equals("virtual") ? Thread.ofVirtual() : Thread.ofPlatform();
    return builder.start(
        () -> {
          try {
            work.run();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
