package dev.headrace;

/** How file operations are done. */
public enum FileBackend {
  /** The ring where the transport has one, else threads. A choice, never an outcome. */
  AUTO("auto"),
  /** As submissions on the event loop's own ring: no thread waits (io_uring). */
  RING("ring"),
  /** On a bounded pool of threads that block. */
  THREADS("threads");

  private final String word;

  FileBackend(String word) {
    this.word = word;
  }

  /** As the command line has it. */
  @Override
  public String toString() {
    return word;
  }
}
