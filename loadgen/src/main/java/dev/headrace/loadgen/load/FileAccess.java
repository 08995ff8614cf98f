package dev.headrace.loadgen.load;

/** How a file is gone through. */
public enum FileAccess {
  /** Block after block. */
  READ("read", false, false),
  /** Block after block; a new file grows as it goes. */
  WRITE("write", true, false),
  /** Any block. */
  RANDREAD("randread", false, true),
  /** Any block; a new file is allocated first. */
  RANDWRITE("randwrite", true, true);

  private final String word;
  private final boolean writes;
  private final boolean random;

  FileAccess(String word, boolean writes, boolean random) {
    this.word = word;
    this.writes = writes;
    this.random = random;
  }

  /** Whether it writes. */
  public boolean writes() {
    return writes;
  }

  /** Whether its positions are random. */
  public boolean isRandom() {
    return random;
  }

  /** As the command line has it. */
  @Override
  public String toString() {
    return word;
  }
}
