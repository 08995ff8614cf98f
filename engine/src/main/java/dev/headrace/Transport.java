package dev.headrace;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How the engine's loops talk to the kernel. */
public enum Transport {
  /** io_uring where the kernel allows it, else epoll, else NIO. */
  AUTO("auto"),
  /** Linux io_uring: completions, multishot receive, provided-buffer rings. */
  IO_URING("io_uring"),
  /** Linux epoll: readiness. */
  EPOLL("epoll"),
  /** The JDK's own selectors, on every system. */
  NIO("nio");

  private final String label;

  Transport(String label) {
    this.label = label;
  }

  /**
   * The transport that a label names.
   *
   * @param label one of {@code auto}, {@code io_uring}, {@code epoll}, {@code nio}
   * @return the transport
   * @throws IllegalArgumentException when no transport has that label; the message lists those that
   *     exist
   */
  public static Transport of(String label) {
    for (Transport transport : values()) {
      if (transport.label.equals(label)) {
        return transport;
      }
    }
    String known =
        Arrays.stream(values()).map(Transport::toString).collect(Collectors.joining(", "));
    throw new IllegalArgumentException("unknown transport '" + label + "': use one of " + known);
  }

  /** The label by which the command line and the reports name this transport. */
  @Override
  public String toString() {
    return label;
  }
}
