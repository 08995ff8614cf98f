package dev.headrace.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headrace.Engine;
import dev.headrace.io.BufferedStream;
import dev.headrace.io.Streams;
import dev.headrace.net.TcpListener;
import dev.headrace.net.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Answers line by line, through buffers. */
public final class LineServer {
  private LineServer() {}

  public static void main(String[] args) throws IOException {
    try (Engine engine = Engine.start();
        TcpListener listener = TcpListener.bind(engine, new InetSocketAddress("127.0.0.1", 8080))) {
      listener.serve(LineServer::answer);
    }
  }

  // doc:begin
  static void answer(TcpStream client) throws IOException {
    BufferedStream stream = new BufferedStream(client);
    for (String line; (line = stream.input().readLine(8192)) != null; ) {
      Streams.writeAll(stream, "Processed: " + line.strip(), UTF_8);
      Streams.writeAll(stream, "\n", UTF_8);
      stream.flush(); // a buffer of ours holds the bytes until then
    }
  }
  // doc:end
}
