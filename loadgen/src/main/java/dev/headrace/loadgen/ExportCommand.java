package dev.headrace.loadgen;

import static dev.headrace.loadgen.WrongValue.check;

import dev.headrace.loadgen.metrics.OpenMetricsExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code headrace export}: kept runs for other programs. */
@Command(
    name = "export",
    description = "Writes a kept run, or those of a bench, for other programs.",
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
  private final Session session;

  @Option(
      names = "--openmetrics",
      required = true,
      paramLabel = "DIR",
      description =
          "Writes DIR/openmetrics.txt, with time stamps, for promtool to back-fill Prometheus.")
  private Path directory;

  ExportCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    check(
        Files.isDirectory(directory),
        "--openmetrics is " + directory + ": there is no such directory");
    List<Path> runs = OpenMetricsExport.runs(directory);
    check(
        !runs.isEmpty(),
        "--openmetrics is "
            + directory
            + ": it holds no run; name a directory that --out of load, file or bench has made");
    Path file = OpenMetricsExport.write(runs, directory);
    session.out().println("written " + file);
    session.out().println(OpenMetricsExport.backfillCommand(file));
    session.out().flush();
    return Main.GOOD;
  }
}
