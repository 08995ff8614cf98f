package dev.headrace.loadgen;

import dev.headrace.linux.KernelSettings;
import dev.headrace.linux.Linux;
import dev.headrace.linux.ResourceLimit;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Refuses up front what this host's limits make impossible. */
final class HostLimits {
  /** Descriptors of the JVM and the engine beside the connections. */
  private static final int OWN_DESCRIPTORS = 64;

  private HostLimits() {}

  static void check(String option, int connections, SocketAddress target) throws IOException {
    if (!Linux.isPresent()) {
      return;
    }
    long limit = ResourceLimit.OPEN_FILES.get().soft();
    if (connections > limit - OWN_DESCRIPTORS) {
      throw new WrongValue(
          option
              + " is "
              + connections
              + ": this process may open "
              + limit
              + " descriptors, some for itself; raise `ulimit -n`, or ask for less");
    }
    if (target instanceof InetSocketAddress) {
      KernelSettings.ofHost()
          .ipLocalPortRange()
          .filter(range -> connections > range.count())
          .ifPresent(
              range -> {
                throw new WrongValue(
                    option
                        + " is "
                        + connections
                        + ": towards one address there are "
                        + range.count()
                        + " local ports; widen net.ipv4.ip_local_port_range, or ask for less");
              });
    }
  }
}
