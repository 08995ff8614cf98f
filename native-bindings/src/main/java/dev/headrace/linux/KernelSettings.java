package dev.headrace.linux;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Settings of the kernel as {@code sysctl} shows them, read anew at each call. A setting that this
 * kernel does not have, or that this process may not read, is empty; so is every setting elsewhere
 * than on Linux.
 */
public final class KernelSettings {
  private final Path root;

  /** Settings under another directory than {@code /proc/sys}. */
  KernelSettings(Path root) {
    this.root = root;
  }

  /**
   * The settings of this host; those of the network are the ones of this process's network
   * namespace.
   *
   * @return the settings
   */
  public static KernelSettings ofHost() {
    return new KernelSettings(Path.of("/proc/sys"));
  }

  /**
   * Ports, both ends included.
   *
   * @param low the lowest port
   * @param high the highest port
   */
  public record PortRange(int low, int high) {
    /**
     * How many ports these are: the most connections of one client address to one server address
     * and port.
     *
     * @return the count
     */
    public int count() {
      return high - low + 1;
    }
  }

  /**
   * Who may make an io_uring, {@code kernel.io_uring_disabled} since Linux 6.6.
   *
   * @return 0 everyone, 1 the privileged and the {@link #ioUringGroup()}, 2 nobody; empty when this
   *     kernel has no such setting, and then everyone may
   */
  public OptionalInt ioUringDisabled() {
    return readInt("kernel/io_uring_disabled");
  }

  /**
   * The group that may make an io_uring when {@link #ioUringDisabled()} is 1, {@code
   * kernel.io_uring_group}.
   *
   * @return the group's id, or -1 for no group
   */
  public OptionalInt ioUringGroup() {
    return readInt("kernel/io_uring_group");
  }

  /**
   * The most connections that wait to be accepted at one listener, {@code net.core.somaxconn}: a
   * longer backlog is cut to this.
   *
   * @return connections
   */
  public OptionalInt somaxconn() {
    return readInt("net/core/somaxconn");
  }

  /**
   * The ports that outgoing connections take when they name none, {@code
   * net.ipv4.ip_local_port_range}; for IPv6 too.
   *
   * @return the range
   */
  public Optional<PortRange> ipLocalPortRange() {
    Path file = root.resolve("net/ipv4/ip_local_port_range");
    return read(file)
        .map(
            text -> {
              String[] bounds = text.split("\\s+");
              if (bounds.length != 2) {
                throw malformed(file, text);
              }
              return new PortRange(
                  (int) parse(file, bounds[0], Integer.MAX_VALUE),
                  (int) parse(file, bounds[1], Integer.MAX_VALUE));
            });
  }

  /**
   * The most descriptors that a process may be allowed, {@code fs.nr_open}: the ceiling of {@link
   * ResourceLimit#OPEN_FILES}.
   *
   * @return descriptors
   */
  public OptionalLong nrOpen() {
    return readLong("fs/nr_open", Long.MAX_VALUE);
  }

  /**
   * The most files that are open in the whole system, {@code fs.file-max}; the privileged may
   * exceed it.
   *
   * @return open files
   */
  public OptionalLong fileMax() {
    return readLong("fs/file-max", Long.MAX_VALUE);
  }

  private OptionalInt readInt(String name) {
    OptionalLong value = readLong(name, Integer.MAX_VALUE);
    return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
  }

  private OptionalLong readLong(String name, long max) {
    Path file = root.resolve(name);
    Optional<String> text = read(file);
    return text.isPresent() ? OptionalLong.of(parse(file, text.get(), max)) : OptionalLong.empty();
  }

  private static Optional<String> read(Path file) {
    return Linux.isPresent() ? ProcFile.readIfPossible(file).map(String::strip) : Optional.empty();
  }

  private static long parse(Path file, String text, long max) {
    try {
      long value = Long.parseLong(text);
      if (value <= max && value >= Integer.MIN_VALUE) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Falls through to the same complaint.
    }
    throw malformed(file, text);
  }

  private static IllegalStateException malformed(Path file, String text) {
    return new IllegalStateException(file + " holds no such setting: \"" + text + '"');
  }
}
