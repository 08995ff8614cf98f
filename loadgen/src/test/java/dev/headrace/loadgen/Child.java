package dev.headrace.loadgen;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The command as a process of its own, from this test's class path. */
public final class Child implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  private final Process process;
  private final BufferedReader out;
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final CompletableFuture<String> err;

  private Child(Process process) {
    this.process = process;
    this.out = process.inputReader();
    // Read on from the start: a full pipe would stop the child. Each by a thread of its own, as the
    // common pool may have a single one.
    this.err =
        CompletableFuture.supplyAsync(
            () -> errors(process.errorReader()), task -> Thread.ofPlatform().daemon().start(task));
  }

  public static Child start(Path directory, String... args) throws IOException {
    return startUnder(List.of(), directory, args);
  }

  public static Child startUnder(List<String> wrapper, Path directory, String... args)
      throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "-Dslf4j.internal.verbosity=ERROR", // a test library brings SLF4J without a logger
            "--enable-native-access=ALL-UNNAMED",
            "--add-opens",
            "java.base/java.lang=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName()));
    command.addAll(List.of(args));
    return new Child(new ProcessBuilder(command).directory(directory.toFile()).start());
  }

  private String errors(BufferedReader reader) {
    StringBuilder text = new StringBuilder();
    reader
        .lines()
        .forEach(
            line -> {
              told.add(line);
              text.append(line).append('\n');
            });
    return text.toString();
  }

  /** Waits for a line on standard error that begins so, and gives the rest of it. */
  public String told(String beginning) throws Exception {
    for (; ; ) {
      String line = told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (line == null) {
        throw new AssertionError("it never said '" + beginning + "'");
      }
      if (line.startsWith(beginning)) {
        return line.substring(beginning.length());
      }
    }
  }

  private static String text(BufferedReader reader) {
    StringBuilder text = new StringBuilder();
    reader.lines().forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }

  public String line() throws IOException {
    return out.readLine();
  }

  /** The address of a `listening on` line. */
  public String listening() throws Exception {
    String line = line();
    if (line == null) {
      throw new AssertionError("the server did not start: " + err.get());
    }
    return line.split(" ")[2];
  }

  public void signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  public void kill() {
    process.destroyForcibly();
  }

  public int status() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("it does not end");
    }
    return process.exitValue();
  }

  /** Whether it ends within a time. */
  public boolean ends(Duration time) throws InterruptedException {
    return process.waitFor(time);
  }

  public String rest() {
    return text(out);
  }

  public String errors() throws Exception {
    return err.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
