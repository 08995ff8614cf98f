package dev.headrace;

import dev.headrace.internal.carrier.Carrying;
import java.util.List;
import java.util.Map;

/**
 * Which transports this host offers, and why one of them was picked.
 *
 * @param picked the transport in use, or that an engine with default options would use
 * @param reason why that one, in one sentence
 * @param entries one entry a transport, in the order of preference
 * @param tasks where tasks run
 * @param files how file operations are done
 */
public record TransportReport(
    Transport picked, String reason, List<Entry> entries, Tasks tasks, Files files) {

  /** Copies the entries. */
  public TransportReport {
    entries = List.copyOf(entries);
  }

  /**
   * Where tasks run.
   *
   * @param carried whether the loops carry them; if not, the JDK's scheduler does, and each wake-up
   *     and each write passes from thread to thread
   * @param reason why they are not carried, with the remedy; empty where they are
   */
  public record Tasks(boolean carried, String reason) {
    /**
     * What this JVM allows.
     *
     * @return the same for every engine of the process
     */
    public static Tasks ofThisJvm() {
      String obstacle = Carrying.obstacle();
      return new Tasks(obstacle == null, obstacle == null ? "" : obstacle);
    }
  }

  /**
   * How file operations are done.
   *
   * @param backend {@link FileBackend#RING} or {@link FileBackend#THREADS}
   * @param reason why, in one sentence
   */
  public record Files(FileBackend backend, String reason) {}

  /**
   * What is known of one transport.
   *
   * @param transport which one
   * @param available whether an engine can be started on it
   * @param reason why it is not available, with the remedy; empty where it is
   * @param features what the kernel offers to it, by name; empty where it is not available
   */
  public record Entry(
      Transport transport, boolean available, String reason, Map<String, Boolean> features) {

    /**
     * An available transport.
     *
     * @param transport which one
     * @param features what the kernel offers to it
     * @return the entry
     */
    public static Entry available(Transport transport, Map<String, Boolean> features) {
      return new Entry(transport, true, "", features);
    }

    /**
     * A transport that cannot be had.
     *
     * @param transport which one
     * @param reason why, with the remedy
     * @return the entry
     */
    public static Entry unavailable(Transport transport, String reason) {
      return new Entry(transport, false, reason, Map.of());
    }
  }

  /**
   * What is known of one transport.
   *
   * @param transport which one; not {@link Transport#AUTO}
   * @return its entry
   */
  public Entry entry(Transport transport) {
    return entries.stream()
        .filter(entry -> entry.transport() == transport)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no entry for " + transport));
  }

  /**
   * What an engine with default options would pick on this host.
   *
   * @return the report; no engine is started
   */
  public static TransportReport ofThisHost() {
    return dev.headrace.internal.transport.Transports.report();
  }
}
