package dev.headrace.service;

/**
 * Whether a {@link Proxy} tells its upstreams whom it speaks for, by the <a
 * href="https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt">PROXY protocol</a>: a header
 * with the client's address, and the one that it connected to, before the first byte. An upstream
 * that does not expect it takes it for data.
 */
public enum ProxyProtocol {
  /** No header: an upstream sees the proxy's address only. */
  NONE,
  /** A line of text; a client on a Unix socket is {@code UNKNOWN}. */
  V1,
  /** Binary; a client on a Unix socket is told with its path. */
  V2
}
