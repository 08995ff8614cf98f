package dev.headrace.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.headrace.Engine;
import dev.headrace.Task;
import dev.headrace.io.BufferedSource;
import dev.headrace.io.Streams;
import dev.headrace.net.StreamHalves;
import dev.headrace.net.TcpStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** Sends five lines to a server, such as {@link LineServer}, and prints what comes meanwhile. */
public final class Chat {
  private Chat() {}

  public static void main(String[] args) throws Exception {
    try (Engine engine = Engine.start()) {
      chat(TcpStream.connect(engine, new InetSocketAddress("127.0.0.1", 8080)));
    }
  }

  // doc:begin
  static void chat(TcpStream stream) throws Exception {
    StreamHalves halves = stream.split();
    StreamHalves.Input input = halves.input();
    StreamHalves.Output output = halves.output();

    Task<Void> reader =
        input.spawn(
            () -> {
              BufferedSource lines = new BufferedSource(input);
              for (String line; (line = lines.readLine(1024)) != null; ) {
                IO.println("received: " + line);
              }
            });
    Task<Void> writer =
        output.spawn(
            () -> {
              for (int i = 0; i < 5; i++) {
                Streams.writeAll(output, "Message " + i + "\n", UTF_8);
                Task.sleep(Duration.ofMillis(200));
              }
            });

    Task.joinAll(List.of(reader, writer));
  }
  // doc:end
}
