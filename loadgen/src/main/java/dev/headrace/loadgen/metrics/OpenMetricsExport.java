package dev.headrace.loadgen.metrics;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Writes kept runs as OpenMetrics text with time stamps, so that Prometheus can take them in. */
public final class OpenMetricsExport {
  private static final String FILE = "openmetrics.txt";

  private OpenMetricsExport() {}

  /**
   * The runs of a directory: the one that it holds, or those in the directories within it.
   *
   * @param directory of a run, or of a bench
   */
  public static List<Path> runs(Path directory) throws IOException {
    if (KeptRun.isIn(directory)) {
      return List.of(directory);
    }
    try (Stream<Path> within = Files.list(directory)) {
      return within.filter(KeptRun::isIn).sorted().toList();
    }
  }

  /**
   * Writes runs as one file, over what stands there.
   *
   * @param runs their directories
   * @param directory where the file is written
   * @return the file
   * @throws IOException when a run cannot be read, or the file not be written
   */
  public static Path write(List<Path> runs, Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    try (OpenMetricsFile text = new OpenMetricsFile(directory)) {
      for (Path run : runs) {
        KeptRun.read(run, moment -> text.add(moment.snapshots()));
      }
      text.writeTo(file);
    } catch (FileSystemException e) {
      throw new IOException("cannot write " + file + " (" + e + ')', e);
    }
    return file;
  }

  /** How such a file is taken in. */
  public static String backfillCommand(Path file) {
    return "promtool tsdb create-blocks-from openmetrics " + file + " DATA_DIRECTORY";
  }
}
