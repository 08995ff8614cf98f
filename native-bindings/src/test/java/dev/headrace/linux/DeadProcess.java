package dev.headrace.linux;

import java.io.IOException;

/** A process that was and is no more: its id is not given again until all the others were. */
final class DeadProcess {
  private DeadProcess() {}

  static int pid() throws IOException, InterruptedException {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    return Math.toIntExact(process.pid());
  }
}
