package dev.headrace.loadgen;

import dev.headrace.EngineOptions;
import dev.headrace.Transport;
import dev.headrace.linux.CpuAffinity;
import dev.headrace.linux.CpuSet;
import dev.headrace.linux.Linux;
import java.io.IOException;
import picocli.CommandLine.Option;

/** The options of every command that starts an engine. */
final class EngineFlags {
  @Option(
      names = "--transport",
      paramLabel = "auto|io_uring|epoll|nio",
      description = "Which transport. Default: auto, the best that this host offers.",
      converter = Values.TransportLabel.class)
  private Transport transport = Transport.AUTO;

  @Option(
      names = "--loops",
      paramLabel = "N",
      description = "Event loops. Default: one a core, or one a CPU of --pin.")
  private Integer loops;

  @Option(
      names = "--pin",
      paramLabel = "CPUS",
      description = "CPUs to pin the loops to, as `taskset -c` takes them: 0,2-3.",
      converter = Values.Cpus.class)
  private CpuSet pin;

  /** The options that an engine is started with. */
  EngineOptions.Builder options() throws IOException {
    EngineOptions.Builder options = EngineOptions.builder().transport(transport);
    if (pin != null) {
      checkPin();
      options.pin(pin).loops(pin.count());
    }
    if (loops != null) {
      if (loops < 1 || loops > 1024) {
        throw new WrongValue("--loops is " + loops + ": it must be 1 to 1024");
      }
      options.loops(loops);
    }
    return options;
  }

  private void checkPin() throws IOException {
    if (!Linux.isPresent()) {
      throw new WrongValue("--pin needs Linux, this is " + System.getProperty("os.name"));
    }
    CpuSet usable = CpuAffinity.ofCurrentThread();
    if (!usable.containsAll(pin)) {
      throw new WrongValue(
          "--pin names CPUs " + pin + ": this process may run on " + usable + " only");
    }
  }
}
