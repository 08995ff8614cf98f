package dev.headrace.benchmarks.peers;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.FileBackend;
import dev.headrace.IoFailure;
import dev.headrace.Listener;
import dev.headrace.Transport;
import dev.headrace.file.AsyncFile;
import dev.headrace.file.OpenOptions;
import dev.headrace.service.Echo;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.nio.channels.CompletionHandler;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * An echo on one loop which reads a file at random positions all the while, so many reads in
 * flight: {@code none|ring|threads FILE DEPTH buffered|direct}. Says at its end, on standard error,
 * how many it read a second.
 */
final class EchoBesideFiles {
  private static final int BLOCK_BYTES = 4096;

  private final AsyncFile file;
  private final long blocks;
  private final SplittableRandom random = new SplittableRandom(1);
  private volatile long reads; // written by the loop alone
  private volatile boolean stopped;

  private EchoBesideFiles(AsyncFile file, long blocks) {
    this.file = file;
    this.blocks = blocks;
  }

  public static void main(String[] arguments) throws Exception {
    boolean reads = !arguments[0].equals("none");
    FileBackend backend = arguments[0].equals("threads") ? FileBackend.THREADS : FileBackend.RING;
    OpenOptions options = OpenOptions.reading();
    int depth = Integer.parseInt(arguments[2]);
    Engine engine =
        Engine.start(
            EngineOptions.builder()
                .transport(Transport.IO_URING)
                .loops(1)
                .fileBackend(backend)
                .fileOperationsPerLoop(depth)
                .build());
    Listener listener = Echo.serve(engine, new InetSocketAddress("127.0.0.1", 0));
    AsyncFile file =
        AsyncFile.open(
            engine,
            Path.of(arguments[1]),
            arguments[3].equals("direct") ? options.direct() : options);
    EchoBesideFiles beside = new EchoBesideFiles(file, file.size() / BLOCK_BYTES);
    long begin = System.nanoTime();
    if (reads) {
      engine.loop().execute(() -> beside.begin(engine, depth));
    }
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  beside.stopped = true;
                  System.err.printf(
                      "%.0f reads a second%n", beside.reads * 1e9 / (System.nanoTime() - begin));
                }));
    System.out.println("listening on " + IoFailure.text(listener.localAddress()));
    Thread.currentThread().join();
  }

  private void begin(Engine engine, int depth) {
    for (int i = 0; i < depth; i++) {
      new Slot(engine.pool().tryTake()).read();
    }
  }

  private final class Slot implements CompletionHandler<Integer, Void> {
    private final ByteBuf buffer;

    Slot(ByteBuf buffer) {
      this.buffer = buffer.slice(0, BLOCK_BYTES);
    }

    void read() {
      file.read(buffer.setIndex(0, 0), random.nextLong(blocks) * BLOCK_BYTES, null, this);
    }

    @Override
    public void completed(Integer count, Void nothing) {
      reads++;
      if (!stopped) {
        read();
      }
    }

    @Override
    public void failed(Throwable failure, Void nothing) {
      if (!stopped) {
        System.err.println("reading failed: " + failure);
      }
    }
  }
}
