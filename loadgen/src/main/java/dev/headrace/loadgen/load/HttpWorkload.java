package dev.headrace.loadgen.load;

import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Gets one path over connections that are kept alive. An answer that is no success is an error.
 *
 * @param target an HTTP/1.1 server
 * @param host what the {@code Host} header says
 * @param path what is asked for, with its query; begins with a slash
 * @param connections how many at once, at least 1
 * @param depth requests in flight on each connection, pipelined; at least 1
 */
public record HttpWorkload(
    SocketAddress target, String host, String path, int connections, int depth)
    implements SocketWorkload {
  @Override
  public String name() {
    return "http";
  }

  @Override
  public Map<String, Object> options() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("path", path);
    config.put("depth", depth);
    return config;
  }

  @Override
  public Lane lane(Site site, int index) {
    return new ConnectionLane(
        site, target, lane -> new HttpConversation(lane, site, host, path, depth));
  }
}
