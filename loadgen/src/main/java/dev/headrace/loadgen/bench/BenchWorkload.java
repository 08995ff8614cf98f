package dev.headrace.loadgen.bench;

/** What {@code bench} can run. */
public enum BenchWorkload {
  /** 64-byte messages to an echo server and back. */
  ECHO("echo"),
  /** The same through a proxy before the echo server. */
  PROXY("proxy");

  private final String label;

  BenchWorkload(String label) {
    this.label = label;
  }

  /** As the command line calls it. */
  @Override
  public String toString() {
    return label;
  }
}
