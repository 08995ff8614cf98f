package dev.headrace.benchmarks.peers;

import dev.headrace.linux.CpuTime;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The JDK's way to files: one thread, one operation at a time, at a position, into or out of one
 * direct buffer. Arguments: {@code read|write|randread|randwrite PATH SIZE_BYTES BLOCK_BYTES
 * buffered|direct WARMUP_SECONDS SECONDS}. It prints a line of JSON; its CPU is that of its whole
 * process in the measured time.
 */
public final class FileChannelLoad {
  /** What O_DIRECT wants of an address; no device wants more than a page. */
  private static final int ALIGNMENT_BYTES = 4096;

  private final FileChannel channel;
  private final ByteBuffer block;
  private final long blocks;
  private final boolean writes;
  private final boolean random;
  private final SplittableRandom positions = new SplittableRandom();
  private long next;

  private FileChannelLoad(FileChannel channel, String mode, long sizeBytes, int blockBytes) {
    this.channel = channel;
    this.blocks = sizeBytes / blockBytes;
    this.writes = mode.endsWith("write");
    this.random = mode.startsWith("rand");
    this.block =
        ByteBuffer.allocateDirect(blockBytes + ALIGNMENT_BYTES)
            .alignedSlice(ALIGNMENT_BYTES)
            .limit(blockBytes)
            .slice();
  }

  /** Warms up, measures, prints. */
  public static void main(String[] arguments) throws IOException {
    String mode = arguments[0];
    Set<OpenOption> options = new HashSet<>();
    options.add(mode.endsWith("write") ? StandardOpenOption.WRITE : StandardOpenOption.READ);
    if (arguments[4].equals("direct")) {
      options.add(direct());
    }
    try (FileChannel channel = FileChannel.open(Path.of(arguments[1]), options)) {
      FileChannelLoad load =
          new FileChannelLoad(
              channel, mode, Long.parseLong(arguments[2]), Integer.parseInt(arguments[3]));
      load.run(Double.parseDouble(arguments[5]));
      System.out.println(load.measured(Double.parseDouble(arguments[6])));
    }
  }

  /**
   * {@code ExtendedOpenOption.DIRECT} by its name: the JDK supports it, but the compiler warns of
   * it as of an internal class, and cannot be told not to.
   */
  private static OpenOption direct() {
    try {
      Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
      return (OpenOption) options.getField("DIRECT").get(null);
    } catch (ReflectiveOperationException e) {
      throw new UnsupportedOperationException("this JDK opens no file with O_DIRECT", e);
    }
  }

  private String measured(double seconds) throws IOException {
    long cpu = CpuTime.ofThisProcessNanos();
    long start = System.nanoTime();
    long requests = run(seconds);
    double took = (System.nanoTime() - start) / 1e9;
    return String.format(
        Locale.ROOT,
        "{\"requests\":%d,\"duration_seconds\":%.6f,\"requests_per_second\":%.1f,"
            + "\"cpu_seconds\":%.6f}",
        requests,
        took,
        requests / took,
        (CpuTime.ofThisProcessNanos() - cpu) / 1e9);
  }

  private long run(double seconds) throws IOException {
    long lengthNanos = (long) (seconds * 1e9);
    long start = System.nanoTime();
    long requests = 0;
    while (System.nanoTime() - start < lengthNanos) {
      transfer(position());
      requests++;
    }
    return requests;
  }

  /** Sequential ones start again at the end of the file. */
  private long position() {
    if (random) {
      return positions.nextLong(blocks) * block.capacity();
    }
    long position = next * block.capacity();
    next = next + 1 == blocks ? 0 : next + 1;
    return position;
  }

  private void transfer(long position) throws IOException {
    block.clear();
    int count = writes ? channel.write(block, position) : channel.read(block, position);
    if (block.hasRemaining()) {
      throw new EOFException("only " + count + " bytes at position " + position);
    }
  }
}
