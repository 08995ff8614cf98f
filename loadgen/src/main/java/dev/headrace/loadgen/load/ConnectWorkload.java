package dev.headrace.loadgen.load;

import java.net.SocketAddress;
import java.util.Map;

/**
 * Connects and disconnects: a request is a connection, its latency the time to connect.
 *
 * @param target any listener
 * @param connections how many are made at once, at least 1
 */
public record ConnectWorkload(SocketAddress target, int connections) implements SocketWorkload {
  @Override
  public String name() {
    return "connect";
  }

  @Override
  public Map<String, Object> options() {
    return Map.of();
  }

  @Override
  public Lane lane(Site site, int index) {
    return new ConnectLane(site, target);
  }
}
