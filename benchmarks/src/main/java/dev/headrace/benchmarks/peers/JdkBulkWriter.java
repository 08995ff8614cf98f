package dev.headrace.benchmarks.peers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Scanner;

/**
 * The JDK's blocking bulk writer: 1 MiB a call, out of a direct buffer. Argument: {@code
 * platform|virtual}, its thread. A line {@code SECONDS PORT} on standard input starts a turn, a
 * line of JSON answers it.
 */
public final class JdkBulkWriter {
  private JdkBulkWriter() {}

  /** Runs until standard input ends. */
  public static void main(String[] arguments) throws InterruptedException {
    JdkBulkReader.thread(arguments[0], JdkBulkWriter::run).join();
  }

  private static void run() throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(BulkMeter.CHUNK_BYTES);
    try (Scanner input = new Scanner(System.in, "UTF-8")) {
      while (input.hasNext()) {
        double seconds = Double.parseDouble(input.next());
        InetSocketAddress reader = new InetSocketAddress("127.0.0.1", input.nextInt());
        BulkMeter meter = BulkMeter.ofSeconds(seconds);
        try (SocketChannel channel = SocketChannel.open(reader)) {
          do {
            if (!chunk.hasRemaining()) {
              chunk.clear();
            }
          } while (meter.moved(channel.write(chunk)));
        }
        System.out.println(meter.json());
      }
    }
  }
}
