package dev.headrace.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headrace.Engine;
import dev.headrace.io.Streams;
import dev.headrace.net.StreamHalves;
import dev.headrace.net.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Talks to {@link EchoWithCopy}: writes in the background while it reads. */
public final class SplitClient {
  private SplitClient() {}

  public static void main(String[] args) throws IOException {
    try (Engine engine = Engine.start()) {
      run(TcpStream.connect(engine, new InetSocketAddress("127.0.0.1", 6142)));
    }
  }

  // doc:begin
  static void run(TcpStream stream) throws IOException {
    StreamHalves halves = stream.split();

    // The task owns its half: at its end the server sees the end of the stream.
    StreamHalves.Output output = halves.output();
    output.spawn(
        () -> {
          Streams.writeAll(output, "hello\r\n", UTF_8);
          Streams.writeAll(output, "world\r\n", UTF_8);
        });

    try (StreamHalves.Input input = halves.input()) {
      ByteBuffer buffer = ByteBuffer.allocate(128);
      while (input.read(buffer) != -1) {
        IO.println("got " + UTF_8.decode(buffer.flip()));
        buffer.clear();
      }
    }
  }
  // doc:end
}
