package dev.headrace.loadgen.metrics;

import dev.headrace.loadgen.report.KeptFiles;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** Writes kept runs as OpenMetrics text with time stamps, so that Prometheus can take them in. */
public final class OpenMetricsExport {
  private OpenMetricsExport() {}

  /**
   * What was written.
   *
   * @param file where
   * @param whole whether the run, or the bench, came to its end; else these are its remains
   */
  public record Export(Path file, boolean whole) {}

  /**
   * Writes the run that a directory holds, or the cells of its bench, into it, over an earlier
   * export.
   *
   * @throws IOException when there is none, it is damaged, or the file cannot be written; nothing
   *     is written then
   */
  public static Export write(Path directory) throws IOException {
    Path file = directory.resolve(KeptFiles.OPENMETRICS);
    if (Files.isDirectory(file)) {
      throw new IOException("cannot write " + file + ": a directory is in the way: remove it");
    }
    Collection<Path> runs = runs(directory);
    boolean any = false;
    try (OpenMetricsFile text = new OpenMetricsFile(directory)) {
      for (Path run : runs) {
        any |= KeptRun.read(run, moment -> text.add(moment.snapshots()));
      }
      if (!any) {
        throw new IOException(
            directory
                + " holds a run that was killed before it had measured anything: run it again");
      }
      text.writeTo(file);
    } catch (FileSystemException e) {
      throw new IOException("cannot write " + file + " (" + e + ')', e);
    }
    return new Export(
        file, KeptBench.isIn(directory) || Files.exists(directory.resolve(KeptFiles.RESULT)));
  }

  /** A bench that was killed has no {@code bench.json}: its cells are what is left. */
  private static Collection<Path> runs(Path directory) throws IOException {
    if (KeptBench.isIn(directory)) {
      return KeptBench.runs(directory);
    }
    List<Path> runs =
        KeptRun.isIn(directory)
            ? List.of(directory)
            : KeptFiles.cells(directory).stream().filter(KeptRun::isIn).toList();
    if (runs.isEmpty()) {
      throw new IOException(
          directory + " holds no run; name a directory that --out of load, file or bench has made");
    }
    return runs;
  }

  /** How such a file is taken in. */
  public static String backfillCommand(Path file) {
    return "promtool tsdb create-blocks-from openmetrics " + file + " DATA_DIRECTORY";
  }
}
