package dev.headrace.loadgen.load;

import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sends bytes and wants them back.
 *
 * @param target an echo server, or a proxy before one
 * @param connections how many at once, at least 1
 * @param sizeBytes of a request, at least 1
 * @param depth requests in flight on each connection, at least 1
 * @param payload the bytes, of that size
 */
public record EchoWorkload(
    SocketAddress target, int connections, int sizeBytes, int depth, Payload payload)
    implements SocketWorkload {

  /** With a payload of that size. */
  public EchoWorkload(SocketAddress target, int connections, int sizeBytes, int depth) {
    this(target, connections, sizeBytes, depth, new Payload(sizeBytes));
  }

  @Override
  public String name() {
    return "echo";
  }

  @Override
  public Map<String, Object> options() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("size_bytes", sizeBytes);
    config.put("depth", depth);
    return config;
  }

  @Override
  public Lane lane(Site site, int index) {
    return new ConnectionLane(
        site, target, lane -> new EchoConnection(lane, index, site, payload, depth));
  }
}
