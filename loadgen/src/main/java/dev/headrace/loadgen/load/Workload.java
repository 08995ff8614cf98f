package dev.headrace.loadgen.load;

import dev.headrace.loadgen.measure.LocalServer;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** What is asked of the target, over how many connections. */
public sealed interface Workload permits EchoWorkload, ConnectWorkload, UdpWorkload {
  /** Its name in the result. */
  String name();

  /** Whom it drives. */
  SocketAddress target();

  /** How many lanes. */
  int connections();

  /** The server behind the target, where it is ours and local. */
  default Optional<LocalServer> server() {
    return LocalServer.find(target());
  }

  /** How long a request waits for its answer; empty where a connection says when it is lost. */
  default Optional<Duration> timeout() {
    return Optional.empty();
  }

  /** Its options, as they stand in the result's {@code config}. */
  Map<String, Object> config();

  /** Makes a lane. */
  Lane lane(Site site, int index);
}
