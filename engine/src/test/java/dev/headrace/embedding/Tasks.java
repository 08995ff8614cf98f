package dev.headrace.embedding;

import dev.headrace.Engine;
import dev.headrace.Task;
import dev.headrace.io.Streams;
import dev.headrace.net.TcpListener;
import dev.headrace.net.TcpStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;

/** A small contract of tasks, with nothing but the exported packages, wherever tasks run. */
final class Tasks {
  private static final Duration LONG = Duration.ofDays(1);

  private Tasks() {}

  public static void main(String[] args) throws Exception {
    try (Engine engine = Engine.start()) {
      System.out.println("carried: " + engine.report().tasks().carried());
      System.out.println("reason: " + engine.report().tasks().reason());
      String thread = engine.spawn(() -> Thread.currentThread().toString()).join();
      System.out.println("on a loop: " + thread.contains("@headrace-"));
      System.out.println("echo: " + echo(engine));
      System.out.println("timeout: " + timeout(engine));
      System.out.println("cancel: " + cancel(engine));
    }
    System.out.println("closed");
  }

  private static String echo(Engine engine) throws Exception {
    TcpListener listener = TcpListener.bind(engine, new InetSocketAddress("127.0.0.1", 0));
    engine.spawn(() -> listener.serve(client -> Streams.copy(client, client)));
    Task<String> asking =
        engine.spawn(
            () -> {
              try (TcpStream stream = TcpStream.connect(engine, listener.localAddress())) {
                stream.write(ByteBuffer.wrap("through the race".getBytes()));
                ByteBuffer answer = ByteBuffer.allocate("through the race".length());
                while (answer.hasRemaining() && stream.read(answer) >= 0) {}
                return new String(answer.array());
              }
            });
    try {
      return asking.join();
    } finally {
      listener.close();
    }
  }

  private static String timeout(Engine engine) throws Exception {
    Task<String> waiting =
        engine.spawn(
            () -> {
              try {
                return Task.timeout(Duration.ofMillis(1), Tasks::sleep);
              } catch (TimeoutException e) {
                return "over";
              }
            });
    return waiting.join();
  }

  private static String sleep() throws InterruptedException {
    Task.sleep(LONG);
    return "slept";
  }

  private static String cancel(Engine engine) throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    Task<String> task =
        engine.spawn(
            () -> {
              started.countDown();
              return sleep();
            });
    started.await();
    task.cancel();
    try {
      return task.join();
    } catch (CancellationException e) {
      return "cancelled";
    }
  }
}
