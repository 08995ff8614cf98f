package dev.headrace.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Logs that must survive: 4 KiB at the end of a file and fdatasync, one after the other. */
@Command(
    name = "durable",
    description = "Appends of 4 KiB, each followed by fdatasync, to some files at once.",
    mixinStandardHelpOptions = true)
final class DurablePeers implements Callable<Integer> {
  private static final int CPU = 0;

  @Mixin Turns turns;

  @Option(
      names = "--files",
      split = ",",
      defaultValue = "1,8,64",
      description = "Files, a table each (${DEFAULT-VALUE}).")
  List<Integer> files;

  @Option(
      names = "--directory",
      defaultValue = "bench-results/local/peers-durable",
      description = "Where they are made, and removed after each turn (${DEFAULT-VALUE}).")
  Path directory;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, WarmProcess> sides = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, List<String>> side : turns.chosen(programs()).entrySet()) {
        sides.put(side.getKey(), WarmProcess.start(CPU, command(side.getValue())));
      }
      for (WarmProcess side : sides.values()) {
        turn(side, files.getFirst(), turns.warmupSeconds / 2);
        turn(side, files.getLast(), turns.warmupSeconds / 2);
      }
      for (int count : files) {
        Collection<Contender> measured =
            turns.run(sides.keySet(), name -> turn(sides.get(name), count, turns.seconds));
        turns.print(
            "durable, "
                + count
                + (count == 1 ? " file" : " files")
                + ", CPU of the process per append",
            "append/s",
            measured,
            List.of("file-channel"));
      }
    } finally {
      sides.values().forEach(WarmProcess::close);
    }
    return 0;
  }

  /** A new side is a main class that calls {@link AppendTurn#serve}, and what it is told. */
  private static Map<String, List<String>> programs() {
    Map<String, List<String>> programs = new LinkedHashMap<>();
    programs.put("file-channel", List.of(FileChannelAppends.class.getName()));
    programs.put("async-file", List.of(AsyncFileAppends.class.getName()));
    programs.put("async-file-dsync", List.of(AsyncFileAppends.class.getName(), "dsync"));
    return programs;
  }

  /** All sides on a JVM with the launcher's flags. */
  private List<String> command(List<String> program) {
    List<String> arguments = new ArrayList<>(List.of(directory.toString()));
    arguments.addAll(program.subList(1, program.size()));
    return ServerProcess.java(program.getFirst(), arguments);
  }

  private static Turns.Sample turn(WarmProcess side, int count, double seconds) throws IOException {
    side.tell(seconds + " " + count);
    JsonNode result = side.result();
    if (result.get("requests").asLong() == 0) {
      throw new IOException("no append ended within a turn: give more --seconds");
    }
    return Turns.Sample.of(result);
  }
}
