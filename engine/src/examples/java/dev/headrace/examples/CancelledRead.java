package dev.headrace.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headrace.Engine;
import dev.headrace.Task;
import dev.headrace.io.Streams;
import dev.headrace.net.TcpStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** A read that runs out of time loses nothing: what had come is read by the next one. */
public final class CancelledRead {
  private CancelledRead() {}

  public static void main(String[] args) throws Exception {
    try (Engine engine = Engine.start();
        TcpStream stream = TcpStream.connect(engine, new InetSocketAddress("127.0.0.1", 6142))) {
      readTen(stream);
    }
  }

  // doc:begin
  static void readTen(TcpStream stream) throws Exception {
    for (; ; ) {
      try {
        byte[] ten = Task.timeout(Duration.ofMillis(50), () -> Streams.readExact(stream, 10));
        IO.println("read " + new String(ten, UTF_8));
        return;
      } catch (TimeoutException e) {
        IO.println("not all ten are there yet");
      }
    }
  }
  // doc:end
}
