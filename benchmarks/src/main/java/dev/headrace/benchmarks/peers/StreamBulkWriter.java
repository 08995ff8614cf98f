package dev.headrace.benchmarks.peers;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.net.TcpStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Scanner;

/**
 * Headrace's bulk writer: a task that writes 1 MiB a call, out of a direct buffer. A line {@code
 * SECONDS PORT} on standard input starts a turn, a line of JSON answers it.
 */
public final class StreamBulkWriter {
  private StreamBulkWriter() {}

  /** Runs until standard input ends. */
  public static void main(String[] arguments) throws Exception {
    EngineOptions oneLoop = EngineOptions.builder().loops(1).build();
    try (Engine engine = Engine.start(oneLoop);
        Scanner input = new Scanner(System.in, "UTF-8")) {
      while (input.hasNext()) {
        double seconds = Double.parseDouble(input.next());
        InetSocketAddress reader = new InetSocketAddress("127.0.0.1", input.nextInt());
        System.out.println(engine.spawn(() -> turn(engine, reader, seconds)).join());
      }
    }
  }

  private static String turn(Engine engine, InetSocketAddress reader, double seconds)
      throws Exception {
    ByteBuffer chunk = ByteBuffer.allocateDirect(BulkMeter.CHUNK_BYTES);
    BulkMeter meter = BulkMeter.ofSeconds(seconds);
    try (TcpStream stream = TcpStream.connect(engine, reader)) {
      while (meter.moved(stream.write(chunk.clear()))) {}
    }
    return meter.json();
  }
}
