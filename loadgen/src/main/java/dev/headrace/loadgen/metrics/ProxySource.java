package dev.headrace.loadgen.metrics;

import dev.headrace.IoFailure;
import dev.headrace.service.Proxy;
import dev.headrace.service.ProxyStats;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a proxy says of itself. */
public record ProxySource(Proxy proxy) implements Source {
  @Override
  public void addTo(Families families) {
    ProxyStats stats = proxy.stats();
    String bytes = "Bytes passed on, without PROXY headers.";
    families.counter("proxy_bytes", bytes, stats.bytesToUpstream(), "direction", "to_upstream");
    families.counter("proxy_bytes", bytes, stats.bytesToClient(), "direction", "to_client");
    families.counter("proxy_accepted", "Clients accepted.", stats.accepted());
    families.gauge(
        "proxy_open_connections",
        "Clients that are connected, or wait for an upstream.",
        stats.open());
    families.counter("proxy_connects", "Clients that got an upstream.", stats.connects());
    families.counter(
        "proxy_connect_seconds",
        "How long the connects that succeeded took in all.",
        stats.connectNanos() / 1e9);
    families.gauge(
        "proxy_longest_connect_seconds",
        "The longest connect that succeeded.",
        stats.longestConnectNanos() / 1e9);
    families.counter(
        "proxy_spliced_bytes",
        "Bytes of both directions that went through the kernel only.",
        stats.splicedBytes());
    families.gauge(
        "proxy_spliced_directions",
        "Directions that go through the kernel only.",
        stats.splicedDirections());
    families.counter("proxy_resets", "Pairs that a failure of one side ended.", stats.resets());
    families.counter(
        "proxy_refusals", "Clients that got no upstream, and were reset.", stats.refusals());
    families.counter("proxy_limited", "Pairs that a limit ended.", stats.limited());
    byAddress(stats.upstreams()).forEach((at, upstream) -> addTo(families, at, upstream));
  }

  /** One that is named twice is one series. */
  private static Map<String, ProxyStats.Upstream> byAddress(List<ProxyStats.Upstream> upstreams) {
    Map<String, ProxyStats.Upstream> sums = new LinkedHashMap<>();
    for (ProxyStats.Upstream upstream : upstreams) {
      sums.merge(IoFailure.text(upstream.address()), upstream, ProxySource::sum);
    }
    return sums;
  }

  private static ProxyStats.Upstream sum(ProxyStats.Upstream one, ProxyStats.Upstream other) {
    return new ProxyStats.Upstream(
        one.address(),
        one.open() + other.open(),
        one.connects() + other.connects(),
        one.failures() + other.failures(),
        one.resting() && other.resting());
  }

  private static void addTo(Families families, String address, ProxyStats.Upstream upstream) {
    String[] at = {"upstream", address};
    families.gauge(
        "proxy_upstream_open_connections", "Connections to an upstream.", upstream.open(), at);
    families.counter(
        "proxy_upstream_connects", "Connects that succeeded.", upstream.connects(), at);
    families.counter("proxy_upstream_failures", "Connects that failed.", upstream.failures(), at);
    families.gauge(
        "proxy_upstream_resting",
        "1 while an upstream is passed over because of its failures.",
        upstream.resting() ? 1 : 0,
        at);
  }
}
