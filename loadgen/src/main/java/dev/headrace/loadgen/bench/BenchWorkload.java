package dev.headrace.loadgen.bench;

/** What {@code bench} can run. */
public enum BenchWorkload {
  /** 64-byte messages to an echo server and back. */
  ECHO("echo", Words.SOCKETS),
  /** The same through a proxy before the echo server. */
  PROXY("proxy", Words.SOCKETS),
  /** Any block of a file that is in the page cache. */
  FILE("file", Words.FILE);

  private static final class Words {
    static final String SOCKETS =
        "%d connections, %d bytes, depth 1, one loop a side"
            .formatted(BenchPlan.CONNECTIONS, BenchPlan.SIZE_BYTES);
    static final String FILE =
        "file: random reads of %d bytes within %d MiB that are cached, depth %d, one loop"
            .formatted(BenchPlan.BLOCK_BYTES, BenchPlan.FILE_BYTES >> 20, BenchPlan.FILE_DEPTH);
  }

  private final String label;
  private final String conditions;

  BenchWorkload(String label, String conditions) {
    this.label = label;
    this.conditions = conditions;
  }

  /** Under which conditions it runs, in words. */
  String conditions() {
    return conditions;
  }

  /** As the command line calls it. */
  @Override
  public String toString() {
    return label;
  }
}
