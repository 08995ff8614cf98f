package dev.headrace.benchmarks.peers;

import dev.headrace.linux.CpuTime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;

/**
 * One turn of durable appends to some files at once, counted between a settling time and its end.
 * What the sides share: they differ in how they write, make durable and run side by side.
 */
final class AppendTurn {
  private static final int BLOCK_BYTES = 4096;

  private final LongAdder appends = new LongAdder();
  private volatile boolean over;

  /** How a side appends to one file, beside those to the others. */
  interface Side {
    /** Creates the file and appends while {@link #goesOn()}; returns at once. */
    Future<Void> start(Path file, AppendTurn turn) throws IOException;
  }

  private AppendTurn() {}

  /** A side's main: serves lines {@code SECONDS FILES} until its standard input ends. */
  static void serve(Path directory, Side side) throws Exception {
    Files.createDirectories(directory);
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] turn = line.split(" ");
      List<Path> files = new ArrayList<>();
      for (int i = 0; i < Integer.parseInt(turn[1]); i++) {
        files.add(directory.resolve("append-" + i));
      }
      System.out.println(new AppendTurn().run(side, files, Double.parseDouble(turn[0])));
    }
  }

  /** A block to append: each appender has its own. */
  static ByteBuffer block() {
    byte[] bytes = new byte[BLOCK_BYTES];
    new SplittableRandom().nextBytes(bytes);
    return ByteBuffer.allocateDirect(BLOCK_BYTES).put(bytes).flip();
  }

  boolean goesOn() {
    return !over;
  }

  /** One more block is on the disk. */
  void appended() {
    appends.increment();
  }

  private String run(Side side, List<Path> files, double seconds) throws Exception {
    List<Future<Void>> appenders = new ArrayList<>();
    for (Path file : files) {
      appenders.add(side.start(file, this));
    }
    Thread.sleep(nanos(Turns.SETTLE_SECONDS));
    long requests = appends.sum();
    long cpu = CpuTime.ofThisProcessNanos();
    long start = System.nanoTime();
    Thread.sleep(nanos(seconds));
    requests = appends.sum() - requests;
    cpu = CpuTime.ofThisProcessNanos() - cpu;
    double took = (System.nanoTime() - start) / 1e9;
    over = true;
    for (Future<Void> appender : appenders) {
      appender.get();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    return String.format(
        Locale.ROOT,
        "{\"requests\":%d,\"requests_per_second\":%.1f,\"cpu_seconds\":%.6f}",
        requests,
        requests / took,
        cpu / 1e9);
  }

  private static Duration nanos(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }
}
