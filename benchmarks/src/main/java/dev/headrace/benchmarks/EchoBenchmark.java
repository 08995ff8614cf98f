package dev.headrace.benchmarks;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.Transport;
import dev.headrace.net.TcpListener;
import dev.headrace.service.Echo;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One 64-byte echo over one connection, server and client in one JVM: run with {@code -prof gc} for
 * the bytes that the engine allocates per echo. The client is a blocking channel with direct
 * buffers and allocates nothing.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "--enable-native-access=ALL-UNNAMED",
      "--add-opens=java.base/java.lang=ALL-UNNAMED",
      "-Dio.netty.leakDetection.level=disabled"
    })
public class EchoBenchmark {
  private static final int SIZE_BYTES = 64;

  /** What the engine runs on. */
  @Param({"io_uring", "epoll", "nio"})
  public String transport;

  /** In which style the server is written. */
  @Param({"handler", "stream"})
  public String api;

  private final ByteBuffer request = ByteBuffer.allocateDirect(SIZE_BYTES);
  private final ByteBuffer answer = ByteBuffer.allocateDirect(SIZE_BYTES);
  private Engine engine;
  private SocketChannel client;

  /** Starts the server and connects. */
  @Setup
  public void connect() throws IOException {
    engine =
        Engine.start(EngineOptions.builder().transport(Transport.of(transport)).loops(1).build());
    client = SocketChannel.open(serve(new InetSocketAddress("127.0.0.1", 0)));
  }

  private SocketAddress serve(InetSocketAddress local) throws IOException {
    if (api.equals("handler")) {
      return Echo.serve(engine, local).localAddress();
    }
    TcpListener listener = TcpListener.bind(engine, local);
    engine.spawn(() -> listener.serve(Echo.streamService()));
    return listener.localAddress();
  }

  /** Ends both. */
  @TearDown
  public void close() throws IOException {
    client.close();
    engine.close();
  }

  /** There and back. */
  @Benchmark
  public int echo() throws IOException {
    request.clear();
    client.write(request);
    answer.clear();
    while (answer.hasRemaining()) {
      if (client.read(answer) < 0) {
        throw new IOException("the server ended");
      }
    }
    return answer.position();
  }
}
