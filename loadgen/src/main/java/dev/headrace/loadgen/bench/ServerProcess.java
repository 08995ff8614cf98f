package dev.headrace.loadgen.bench;

import dev.headrace.linux.CpuTime;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server in a process of its own, which says {@code listening on ADDRESS} on its standard output
 * when it serves. Closing it ends the process.
 */
public final class ServerProcess implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("listening on (\\S+).*");
  private static final long END_SECONDS = 10;

  private final Process process;
  private final String address;

  private ServerProcess(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  /**
   * Starts a server and waits until it serves. What it says on standard error goes to ours.
   *
   * @param command the program and its arguments
   * @return the running server
   * @throws IOException when it cannot be started, or ends before it serves
   */
  public static ServerProcess start(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String line = output.readLine();
    Matcher listening = LISTENING.matcher(line == null ? "" : line);
    if (!listening.matches()) {
      process.destroyForcibly();
      throw new IOException(
          "the server did not start (" + String.join(" ", command) + "): it said " + line);
    }
    return new ServerProcess(process, listening.group(1));
  }

  /**
   * The command that runs Headrace as this process does: the same JVM, flags and class path.
   *
   * @param arguments Headrace's own
   * @return a command for {@link #start}
   */
  public static List<String> headrace(List<String> arguments) {
    return java("dev.headrace.loadgen.Main", arguments);
  }

  /**
   * The command that runs a class of this class path as this process does: the same JVM and flags.
   *
   * @param mainClass its binary name
   * @param arguments its own
   * @return a command, for {@link #start} where it is a server
   */
  public static List<String> java(String mainClass, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (!flag.startsWith("-agentlib") && !flag.startsWith("-javaagent")) {
        command.add(flag);
      }
    }
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
    command.add(mainClass);
    command.addAll(arguments);
    return command;
  }

  /** Where it listens, in the words of its own first line. */
  public String address() {
    return address;
  }

  /** Its process. */
  public long pid() {
    return process.pid();
  }

  /**
   * CPU time that it has used so far, in nanoseconds.
   *
   * @throws IOException when it is gone
   */
  public long cpuNanos() throws IOException {
    return CpuTime.ofProcessNanos(process.pid());
  }

  /** Asks it to end, and makes it end if it does not within ten seconds. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
