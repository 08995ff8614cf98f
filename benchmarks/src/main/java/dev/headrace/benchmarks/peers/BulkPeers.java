package dev.headrace.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * One connection, written in chunks of 1 MiB: bytes per second, and CPU per MiB of the measured
 * end. The other end is the JDK's, the same for all.
 *
 * <p>The ends are processes, so that they stay warm from turn to turn. A writer starts a turn at a
 * line {@code SECONDS PORT}; a reader says {@code listening on ADDRESS} once; both print a line of
 * JSON when the connection has closed, {@link BulkMeter#json()}.
 */
@Command(
    name = "bulk",
    description =
        "One writer to one reader: writers against one reader, readers against one writer.",
    mixinStandardHelpOptions = true)
final class BulkPeers implements Callable<Integer> {
  private static final int MEASURED_CPU = 0;
  private static final int COMMON_CPU = 1;

  enum Direction {
    WRITE,
    READ
  }

  @Mixin Turns turns;

  @Option(
      names = "--direction",
      split = ",",
      defaultValue = "write,read",
      description = "Which end is measured, a table each (${DEFAULT-VALUE}).")
  List<Direction> directions;

  @Override
  public Integer call() throws IOException, InterruptedException {
    for (Direction direction : directions) {
      boolean write = direction == Direction.WRITE;
      measure(write, turns.chosen(write ? writers() : readers()));
    }
    return 0;
  }

  private static Map<String, List<String>> writers() {
    Map<String, List<String>> sides = new LinkedHashMap<>();
    sides.put("jdk", jdkWriter());
    sides.put("jdk-virtual-threads", java(JdkBulkWriter.class, "virtual"));
    sides.put("headrace-stream", java(StreamBulkWriter.class));
    return sides;
  }

  private static Map<String, List<String>> readers() {
    Map<String, List<String>> sides = new LinkedHashMap<>();
    sides.put("jdk", jdkReader());
    sides.put("jdk-virtual-threads", java(JdkBulkReader.class, "virtual"));
    sides.put("headrace-stream", java(StreamBulkReader.class));
    return sides;
  }

  static List<String> jdkWriter() {
    return java(JdkBulkWriter.class, "platform");
  }

  static List<String> jdkReader() {
    return java(JdkBulkReader.class, "platform");
  }

  /** All sides on a JVM with the launcher's flags. */
  private static List<String> java(Class<?> main, String... arguments) {
    return ServerProcess.java(main.getName(), List.of(arguments));
  }

  private void measure(boolean write, Map<String, List<String>> commands)
      throws IOException, InterruptedException {
    Map<String, BulkEnd> sides = new LinkedHashMap<>();
    try (BulkEnd common =
        write ? BulkEnd.reader(COMMON_CPU, jdkReader()) : BulkEnd.writer(COMMON_CPU, jdkWriter())) {
      for (Map.Entry<String, List<String>> side : commands.entrySet()) {
        sides.put(
            side.getKey(),
            write
                ? BulkEnd.writer(MEASURED_CPU, side.getValue())
                : BulkEnd.reader(MEASURED_CPU, side.getValue()));
      }
      for (BulkEnd side : sides.values()) {
        turn(write, side, common, turns.warmupSeconds);
      }
      Collection<Contender> measured =
          turns.run(sides.keySet(), name -> turn(write, sides.get(name), common, turns.seconds));
      turns.print(
          "bulk, CPU of the " + (write ? "writer" : "reader") + " per MiB",
          "MiB/s",
          measured,
          List.of("jdk", "jdk-virtual-threads"));
    } finally {
      sides.values().forEach(BulkEnd::close);
    }
  }

  /** Both ends print their result: the measured one's is taken, the other's just read away. */
  private static Turns.Sample turn(boolean write, BulkEnd side, BulkEnd common, double seconds)
      throws IOException {
    (write ? side : common).write(seconds, write ? common : side);
    JsonNode measured = side.result();
    common.result();
    return BulkEnd.sample(measured);
  }
}
