package dev.headrace.benchmarks.peers;

import dev.headrace.loadgen.Values;
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
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Reads and writes of one file on one core: CPU of the whole process per operation. */
@Command(
    name = "file",
    description = "Reads and writes of one file: rings, threads and one FileChannel.",
    mixinStandardHelpOptions = true,
    defaultValueProvider = FilePeers.Defaults.class)
final class FilePeers implements Callable<Integer> {
  private static final int CPU = 0;
  private static final List<String> BASES = List.of("fio", "fio-batched", "file-channel");

  /** Long enough for the operation that a side may refuse. */
  private static final double TRIAL_SECONDS = 0.25;

  @Mixin Turns turns;

  @Option(
      names = "--file",
      defaultValue = "bench-results/local/peers-file.bin",
      description =
          "The file; made where it is missing, overwritten where it is not (${DEFAULT-VALUE}).")
  Path path;

  @Option(
      names = "--size",
      defaultValue = "2g",
      converter = Values.Size.class,
      description = "Its size (${DEFAULT-VALUE}).")
  long sizeBytes;

  @Option(
      names = "--block",
      defaultValue = "4k",
      converter = Values.Size.class,
      description = "Block of random reads (${DEFAULT-VALUE}).")
  long blockBytes;

  @Option(
      names = "--depth",
      defaultValue = "64",
      description = "Operations in flight, where a side has more than one (${DEFAULT-VALUE}).")
  int depth;

  @Option(names = "--cells", split = ",", description = "Only the cells with these names.")
  List<String> cells = List.of();

  private interface Side {
    Turns.Sample run(FileCell cell, double warmupSeconds, double seconds)
        throws IOException, InterruptedException;
  }

  private BenchmarkFile file;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, Side> sides = turns.chosen(sides());
    Collection<FileCell> chosen = chosenCells();
    file = BenchmarkFile.prepare(path, sizeBytes);
    for (FileCell cell : chosen) {
      measure(cell, sides);
    }
    return 0;
  }

  private void measure(FileCell cell, Map<String, Side> sides)
      throws IOException, InterruptedException {
    file.settle(cell.direct());
    Map<String, Side> able = able(cell, sides);
    Collection<Contender> measured =
        turns.run(
            able.keySet(),
            name -> {
              if (cell.writes()) {
                file.sync();
              }
              return able.get(name).run(cell, turns.warmupSeconds, turns.seconds);
            });
    turns.print(
        "file, " + cell + ", depth " + depth + ", CPU of the process per operation",
        "op/s",
        measured,
        BASES);
  }

  /** As with servers: a side that cannot is dropped with a note, the others are measured. */
  private static Map<String, Side> able(FileCell cell, Map<String, Side> sides)
      throws IOException, InterruptedException {
    Map<String, Side> able = new LinkedHashMap<>();
    for (Map.Entry<String, Side> side : sides.entrySet()) {
      try {
        side.getValue().run(cell, 0, TRIAL_SECONDS);
        able.put(side.getKey(), side.getValue());
      } catch (IOException e) {
        System.err.printf("peers: %s: without %s: %s%n", cell, side.getKey(), e.getMessage());
      }
    }
    if (able.isEmpty()) {
      throw new IOException("none of " + sides.keySet() + " can do " + cell);
    }
    return able;
  }

  private Collection<FileCell> chosenCells() {
    Map<String, FileCell> all = FileCell.all(blockBytes);
    for (String name : cells) {
      if (!all.containsKey(name)) {
        throw new ParameterException(
            turns.verb.commandLine(),
            "--cells: no cell is called " + name + "; there are " + all.keySet());
      }
    }
    if (!cells.isEmpty()) {
      all.keySet().retainAll(cells);
    }
    return all.values();
  }

  /** Every turn is a process of its own, which warms up for {@code --warmup} first. */
  private Map<String, Side> sides() {
    Map<String, Side> sides = new LinkedHashMap<>();
    sides.put("fio", (cell, warmup, seconds) -> fio(fioCommand(cell, warmup, seconds), seconds));
    sides.put(
        "fio-batched",
        (cell, warmup, seconds) -> fio(Fio.batched(fioCommand(cell, warmup, seconds)), seconds));
    sides.put("file-channel", this::fileChannel);
    sides.put("headrace-ring", (cell, warmup, seconds) -> headrace("ring", cell, warmup, seconds));
    sides.put(
        "headrace-threads", (cell, warmup, seconds) -> headrace("threads", cell, warmup, seconds));
    return sides;
  }

  private List<String> fioCommand(FileCell cell, double warmupSeconds, double seconds) {
    return Fio.command(file, cell, depth, warmupSeconds, seconds);
  }

  private static Turns.Sample fio(List<String> command, double seconds)
      throws IOException, InterruptedException {
    return Fio.run(Programs.onCpu(CPU, command), seconds);
  }

  private Turns.Sample fileChannel(FileCell cell, double warmupSeconds, double seconds)
      throws IOException, InterruptedException {
    return json(
        ServerProcess.java(
            FileChannelLoad.class.getName(),
            List.of(
                cell.mode(),
                file.path().toString(),
                String.valueOf(file.sizeBytes()),
                String.valueOf(cell.blockBytes()),
                cell.direct() ? "direct" : "buffered",
                String.valueOf(warmupSeconds),
                String.valueOf(seconds))));
  }

  private Turns.Sample headrace(String backend, FileCell cell, double warmupSeconds, double seconds)
      throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "file",
                cell.mode(),
                "--path",
                file.path().toString(),
                "--block",
                String.valueOf(cell.blockBytes()),
                "--size",
                String.valueOf(file.sizeBytes()),
                "--depth",
                String.valueOf(depth),
                "--backend",
                backend,
                "--loops",
                "1",
                "--warmup",
                (long) (warmupSeconds * 1000) + "ms",
                "--duration",
                (long) (seconds * 1000) + "ms",
                "--json"));
    if (cell.direct()) {
      arguments.add("--direct");
    }
    if (cell.writes()) {
      arguments.add("--overwrite");
    }
    return json(ServerProcess.headrace(arguments));
  }

  private static Turns.Sample json(List<String> command) throws IOException, InterruptedException {
    return Turns.Sample.of(Programs.json(Programs.onCpu(CPU, command)));
  }

  /** A turn is a process here, JVMs among them: fewer and longer ones than elsewhere. */
  static final class Defaults implements IDefaultValueProvider {
    private static final Map<String, String> VALUES =
        Map.of("--rounds", "9", "--seconds", "1", "--warmup", "3");

    @Override
    public String defaultValue(ArgSpec argument) {
      return argument instanceof OptionSpec option ? VALUES.get(option.longestName()) : null;
    }
  }
}
