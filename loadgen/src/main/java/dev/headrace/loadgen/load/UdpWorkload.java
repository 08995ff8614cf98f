package dev.headrace.loadgen.load;

import dev.headrace.loadgen.measure.LocalServer;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Sends datagrams and wants them back; what is lost is an error.
 *
 * @param target an echo of datagrams
 * @param connections how many sockets, each connected to the target, at least 1
 * @param datagram what a request looks like
 * @param depth requests in flight on each socket, at least 1
 * @param limit how long a request waits for its answer
 */
public record UdpWorkload(
    InetSocketAddress target, int connections, Datagram datagram, int depth, Duration limit)
    implements SocketWorkload {

  /** With datagrams of {@code sizeBytes}, from {@link Datagram#LEAST_BYTES} to 65,507. */
  public UdpWorkload(
      InetSocketAddress target, int connections, int sizeBytes, int depth, Duration limit) {
    this(target, connections, new Datagram(sizeBytes), depth, limit);
  }

  @Override
  public String name() {
    return "udp";
  }

  @Override
  public Optional<LocalServer> server() {
    return LocalServer.findByUdp(target);
  }

  @Override
  public Optional<Duration> timeout() {
    return Optional.of(limit);
  }

  @Override
  public Map<String, Object> options() {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("size_bytes", datagram.sizeBytes());
    config.put("depth", depth);
    config.put("timeout_seconds", limit.toNanos() / 1e9);
    return config;
  }

  @Override
  public Lane lane(Site site, int index) {
    return new UdpLane(site, target, index, datagram, depth, limit.toNanos());
  }
}
