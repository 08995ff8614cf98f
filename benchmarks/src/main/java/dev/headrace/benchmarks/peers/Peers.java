package dev.headrace.benchmarks.peers;

import java.io.IOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Headrace against its peers, side by side: many short rounds, in each every side once in random
 * order, what is measured on one core and what drives it on the other. {@code scripts/peers} builds
 * the peers and starts this.
 */
@Command(
    name = "peers",
    description = "Measures Headrace and its peers turn by turn.",
    mixinStandardHelpOptions = true,
    subcommands = {
      EchoPeers.class,
      LoadPeers.class,
      HttpPeers.class,
      BulkPeers.class,
      FilePeers.class,
      DurablePeers.class,
      HttpFilePeers.class,
      MixedPeers.class,
      ProxyPeers.class
    })
public final class Peers {
  private Peers() {}

  /** Runs, and ends the process with its status. */
  public static void main(String[] arguments) {
    CommandLine line = new CommandLine(new Peers());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          if (!(failure instanceof IOException)) {
            throw failure;
          }
          System.err.println("peers: " + failure.getMessage());
          return 1;
        });
    System.exit(line.execute(arguments));
  }
}
