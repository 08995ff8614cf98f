package dev.headrace.service;

import java.net.SocketAddress;
import java.util.List;

/**
 * What a {@link Proxy} has done so far. The counts are the loops' own, read while they run: each is
 * right by itself, and may be a moment older than the next.
 *
 * @param bytesToUpstream what clients sent and was passed on; without PROXY headers
 * @param bytesToClient what upstreams sent and was passed on
 * @param splicedBytes how many of both went through the kernel only
 * @param accepted clients
 * @param open clients that are connected now, or wait for an upstream
 * @param connects clients that got an upstream
 * @param connectNanos how long the attempts that succeeded took in all
 * @param longestConnectNanos the longest of them
 * @param splicedDirections directions that go through the kernel only, now
 * @param resets pairs that a reset, or another failure of one side, ended
 * @param refusals clients that got no upstream, and were reset
 * @param limited pairs that a limit ended
 * @param upstreams each of them, in the options' order
 */
public record ProxyStats(
    long bytesToUpstream,
    long bytesToClient,
    long splicedBytes,
    long accepted,
    int open,
    long connects,
    long connectNanos,
    long longestConnectNanos,
    int splicedDirections,
    long resets,
    long refusals,
    long limited,
    List<Upstream> upstreams) {
  /**
   * One upstream.
   *
   * @param address where it is
   * @param open connections to it now
   * @param connects attempts that succeeded
   * @param failures attempts that failed
   * @param resting whether it is passed over, because of its failures
   */
  public record Upstream(
      SocketAddress address, int open, long connects, long failures, boolean resting) {}

  /** Keeps the list as it is. */
  public ProxyStats {
    upstreams = List.copyOf(upstreams);
  }
}
