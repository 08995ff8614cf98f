package dev.headrace.loadgen;

import dev.headrace.loadgen.metrics.OpenMetricsExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    WrongValue.check(!directory.toString().isEmpty(), "--openmetrics is empty: name a directory");
    if (!Files.isDirectory(directory)) {
      throw new IOException(
          directory
              + (Files.exists(directory)
                  ? " is a file: name the directory that it is in"
                  : ": there is no such directory"));
    }
    OpenMetricsExport.Export export = OpenMetricsExport.write(directory);
    if (!export.whole()) {
      session
          .err()
          .println(
              "headrace: "
                  + directory
                  + " is what is left of a run that was killed: its result is missing, and its end");
    }
    session.out().println("written " + export.file());
    session.out().println(OpenMetricsExport.backfillCommand(export.file()));
    session.out().flush();
    return Main.GOOD;
  }
}
