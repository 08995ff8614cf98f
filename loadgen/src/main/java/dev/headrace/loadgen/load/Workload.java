package dev.headrace.loadgen.load;

import java.net.SocketAddress;
import java.util.Map;

/** What is asked of the target, over how many connections. */
public sealed interface Workload permits EchoWorkload, ConnectWorkload {
  /** Its name in the result. */
  String name();

  /** Whom it drives. */
  SocketAddress target();

  /** How many lanes. */
  int connections();

  /** Payload bytes that an answer brings back; 0 where a request has none. */
  int bytesPerRequest();

  /** Its options, as they stand in the result's {@code config}. */
  Map<String, Object> config();

  /** Makes a lane. */
  Lane lane(Site site, int index);
}
