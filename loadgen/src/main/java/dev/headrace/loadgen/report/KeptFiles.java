package dev.headrace.loadgen.report;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** By which names a directory keeps a run, or a bench and its cells. */
public final class KeptFiles {
  public static final String RESULT = "result.json";
  public static final String LATENCY = "latency.hlog";
  public static final String INTERVALS = "intervals.ndjson";
  public static final String BENCH = "bench.json";
  public static final String OPENMETRICS = "openmetrics.txt";

  private static final List<String> ALL =
      List.of(RESULT, LATENCY, INTERVALS, BENCH, OPENMETRICS, "numbers.svg");

  private static final Pattern CELL =
      Pattern.compile(
          "(echo|proxy|file)-(io_uring|epoll|nio)|direct-paced|proxy-(io_uring|epoll|nio)-paced");

  private KeptFiles() {}

  /** The directories that a bench may have made for its cells, by name. */
  public static List<Path> cells(Path directory) throws IOException {
    try (Stream<Path> within = Files.list(directory)) {
      return within.filter(KeptFiles::isCell).sorted().toList();
    }
  }

  /** Whether it is a directory that a bench may have made for a cell. */
  public static boolean isCell(Path path) {
    return CELL.matcher(path.getFileName().toString()).matches()
        && Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  /** Removes an earlier run or bench, and nothing else that stands there. */
  static void remove(Path directory) throws IOException {
    removeFiles(directory);
    for (Path cell : cells(directory)) {
      removeFiles(cell);
      removeEmpty(cell);
    }
  }

  private static void removeFiles(Path directory) throws IOException {
    for (String name : ALL) {
      Path file = directory.resolve(name);
      if (!Files.isDirectory(file)) { // such a one is not ours
        Files.deleteIfExists(file);
      }
    }
  }

  /** Removes a directory where nothing is in it. */
  static void removeEmpty(Path directory) throws IOException {
    try {
      Files.deleteIfExists(directory);
    } catch (DirectoryNotEmptyException kept) {
      // Something was kept.
    }
  }
}
