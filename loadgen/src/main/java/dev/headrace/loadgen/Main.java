package dev.headrace.loadgen;

import dev.headrace.TransportUnavailableException;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The {@code headrace} command. */
public final class Main {
  /** All went well. */
  public static final int GOOD = 0;

  /** The run failed, or was interrupted. */
  public static final int FAILED = 1;

  /** The command line was wrong. */
  public static final int WRONG_USE = 2;

  /** A transport was demanded that this host lacks. */
  public static final int UNAVAILABLE = 3;

  private Main() {}

  @Command(
      name = "headrace",
      description = "A native-transport I/O engine, and the load laboratory that proves it.",
      versionProvider = Version.class,
      mixinStandardHelpOptions = true)
  private record Headrace() {}

  /** The jar's manifest knows the version. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"headrace " + (version == null ? "(not packaged)" : version)};
    }
  }

  /** Runs the command and ends the process. */
  public static void main(String[] args) {
    OneLineLog.install();
    if (System.getProperty("io.netty.leakDetection.level") == null) {
      // Sampling costs a stack trace in every 128th buffer; the tests run it at paranoid.
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }
    Interruption stop = new Interruption();
    stop.takeSignals();
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    int status = run(new Session(out, System.err, stop), args);
    out.flush();
    stop.exit(status);
  }

  /**
   * Runs a command within this process.
   *
   * @param session where it prints, and what ends it
   * @param args as the shell hands them over
   * @return the exit status
   */
  public static int run(Session session, String... args) {
    CommandLine line =
        new CommandLine(new Headrace())
            .addSubcommand(new ProbeCommand(session))
            .addSubcommand(ServeCommand.line(session))
            .addSubcommand(LoadCommand.line(session))
            .addSubcommand(FileCommand.line(session))
            .addSubcommand(new BenchCommand(session))
            .addSubcommand(new ExportCommand(session));
    line.setOut(new PrintWriter(session.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(session.err(), true, StandardCharsets.UTF_8));
    line.setUsageHelpAutoWidth(true);
    line.setParameterExceptionHandler((e, unused) -> wrongUse(e));
    line.setExecutionExceptionHandler((e, failing, unused) -> failed(session, e, failing));
    return line.execute(args);
  }

  private static int wrongUse(ParameterException e) {
    CommandSpec command = e.getCommandLine().getCommandSpec();
    String message = oneLine(e.getMessage());
    if (!command.subcommands().isEmpty()
        && !(e instanceof CommandLine.UnmatchedArgumentException)) {
      message = "a command is missing: " + String.join(", ", command.subcommands().keySet());
    } else if (e instanceof CommandLine.UnmatchedArgumentException unmatched) {
      message = unmatched(command, unmatched);
    }
    e.getCommandLine().getErr().println("headrace: " + message + seeHelp(e.getCommandLine()));
    return WRONG_USE;
  }

  private static String seeHelp(CommandLine line) {
    return " (see `" + line.getCommandSpec().qualifiedName() + " --help`)";
  }

  private static String unmatched(
      CommandSpec command, CommandLine.UnmatchedArgumentException unmatched) {
    String first = unmatched.getUnmatched().getFirst();
    if (first.startsWith("-")) {
      return "unknown option " + first;
    }
    return command.subcommands().isEmpty()
        ? "'" + first + "' is one argument too many"
        : "there is no '"
            + command.qualifiedName()
            + ' '
            + first
            + "': use one of "
            + String.join(", ", command.subcommands().keySet());
  }

  private static int failed(Session session, Exception e, CommandLine failing) {
    int status =
        switch (e) {
          case WrongValue wrong -> WRONG_USE;
          case TransportUnavailableException unavailable -> UNAVAILABLE;
          case IOException failure -> FAILED;
          case UncheckedIOException failure -> FAILED;
          default -> {
            System.getLogger("dev.headrace").log(System.Logger.Level.DEBUG, "a bug", e);
            yield FAILED;
          }
        };
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    String help = e instanceof WrongValue ? seeHelp(failing) : "";
    session.err().println("headrace: " + oneLine(message) + help);
    return status;
  }

  static String oneLine(String message) {
    return message == null ? "" : message.strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ");
  }
}
