package dev.headrace.benchmarks.peers;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.net.TcpListener;
import dev.headrace.net.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Headrace's bulk reader: a task that reads up to 1 MiB a call, into a direct buffer, and forgets.
 * It says where it listens, and prints a line of JSON when a connection has closed.
 */
public final class StreamBulkReader {
  private StreamBulkReader() {}

  /** Runs until it is killed. */
  public static void main(String[] arguments) throws IOException {
    EngineOptions oneLoop = EngineOptions.builder().loops(1).build();
    try (Engine engine = Engine.start(oneLoop);
        TcpListener listener = TcpListener.bind(engine, new InetSocketAddress("127.0.0.1", 0))) {
      System.out.println("listening on 127.0.0.1:" + listener.localAddress().getPort());
      listener.serve(StreamBulkReader::read);
    }
  }

  private static void read(TcpStream stream) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BulkMeter.CHUNK_BYTES);
    BulkMeter meter = BulkMeter.untilClosed();
    for (int count = 0; count >= 0; count = stream.read(buffer.clear())) {
      meter.moved(count);
    }
    System.out.println(meter.json());
  }
}
