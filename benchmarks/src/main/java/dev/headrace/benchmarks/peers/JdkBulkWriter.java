package dev.headrace.benchmarks.peers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Scanner;

/**
 * The JDK's blocking bulk writer: 1 MiB a call, out of a direct buffer. Argument: {@code
 * platform|virtual}, its thread. A line {@code SECONDS PORT [PID]} on standard input starts a turn,
 * a line of JSON answers it: with the CPU of the process PID, where one is named.
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
      while (input.hasNextLine()) {
        String[] turn = input.nextLine().split(" ");
        double seconds = Double.parseDouble(turn[0]);
        InetSocketAddress reader = new InetSocketAddress("127.0.0.1", Integer.parseInt(turn[1]));
        BulkMeter meter =
            turn.length == 2
                ? BulkMeter.ofSeconds(seconds)
                : BulkMeter.ofSeconds(seconds, Long.parseLong(turn[2]));
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
