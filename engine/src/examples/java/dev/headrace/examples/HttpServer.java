package dev.headrace.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headrace.Engine;
import dev.headrace.io.BufferedSource;
import dev.headrace.io.Streams;
import dev.headrace.net.TcpListener;
import dev.headrace.net.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/** Something like HTTP, by hand. Try it with {@code curl http://127.0.0.1:8080/}. */
public final class HttpServer {
  private HttpServer() {}

  public static void main(String[] args) throws IOException {
    try (Engine engine = Engine.start();
        TcpListener listener = TcpListener.bind(engine, new InetSocketAddress("127.0.0.1", 8080))) {
      IO.println("listening on " + listener.localAddress());
      listener.serve(HttpServer::answer);
    }
  }

  // doc:begin
  static void answer(TcpStream client) throws IOException {
    BufferedSource input = new BufferedSource(client);
    String request = input.readLine(8192);
    List<String> headers = input.lines(8192).takeWhile(line -> !line.isEmpty()).toList();
    IO.println(request + " with " + headers.size() + " headers");

    String body = "Hello from Headrace!\nYou requested: " + request + "\n";
    String head =
        "HTTP/1.1 200 OK\r\n"
            + ("Content-Length: " + body.getBytes(UTF_8).length + "\r\n")
            + "Content-Type: text/plain\r\n\r\n";
    Streams.writeAll(client, head + body, UTF_8);
  }
  // doc:end
}
