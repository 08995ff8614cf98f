package dev.headrace.loadgen;

import dev.headrace.loadgen.report.HostReport;
import dev.headrace.loadgen.report.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code headrace probe}: what this host offers. */
@Command(
    name = "probe",
    description = "Tells which transports this host offers, and which limits would hurt.",
    mixinStandardHelpOptions = true)
final class ProbeCommand implements Callable<Integer> {
  private final Session session;

  @Option(names = "--json", description = "Prints the report as one JSON document.")
  private boolean json;

  ProbeCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    HostReport report = HostReport.ofThisHost();
    session.out().print(json ? Json.document(report) + System.lineSeparator() : report.text());
    session.out().flush();
    return Main.GOOD;
  }
}
