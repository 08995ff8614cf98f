package dev.headrace.loadgen.measure;

import dev.headrace.linux.CpuTime;
import dev.headrace.linux.LinuxException;
import dev.headrace.linux.ListeningProcess;
import dev.headrace.linux.ProcessMemory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A server that is a Headrace process of this host, other than this one: its cost can be read.
 *
 * @param pid its process
 */
public record LocalServer(long pid) {
  /**
   * Finds the process behind a target.
   *
   * @param target what is connected to
   * @return the server, or empty where it is remote, not ours, or hidden from this user
   */
  public static Optional<LocalServer> find(SocketAddress target) {
    OptionalLong pid =
        switch (target) {
          case InetSocketAddress inet -> ListeningProcess.ofTcpPort(inet);
          case UnixDomainSocketAddress unix ->
              ListeningProcess.ofUnixPath(unix.getPath().toString());
          default -> OptionalLong.empty();
        };
    return ours(pid);
  }

  /** The same, where the target is a UDP socket. */
  public static Optional<LocalServer> findByUdp(SocketAddress target) {
    return target instanceof InetSocketAddress inet
        ? ours(ListeningProcess.ofUdpPort(inet))
        : Optional.empty();
  }

  private static Optional<LocalServer> ours(OptionalLong pid) {
    return pid.isPresent() && isOurs(pid.getAsLong())
        ? Optional.of(new LocalServer(pid.getAsLong()))
        : Optional.empty();
  }

  private static boolean isOurs(long pid) {
    if (pid == ProcessHandle.current().pid()) {
      return false;
    }
    try {
      byte[] line = Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline"));
      return new String(line, StandardCharsets.UTF_8).contains("headrace");
    } catch (IOException goneOrForbidden) {
      return false;
    }
  }

  /** CPU time that it used so far; empty when it is gone. */
  public OptionalLong cpuNanos() {
    try {
      return OptionalLong.of(CpuTime.ofProcessNanos(pid));
    } catch (LinuxException gone) {
      return OptionalLong.empty();
    }
  }

  /** How many descriptors it has open; empty when they cannot be counted. */
  public OptionalLong openDescriptors() {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      return OptionalLong.of(open.count());
    } catch (IOException goneOrForbidden) {
      return OptionalLong.empty();
    }
  }

  /** Its resident memory in bytes; empty when it cannot be read. */
  public OptionalLong residentBytes() {
    try {
      return OptionalLong.of(ProcessMemory.residentBytes(pid));
    } catch (IOException gone) {
      return OptionalLong.empty();
    }
  }
}
