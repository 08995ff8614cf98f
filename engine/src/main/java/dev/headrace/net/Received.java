package dev.headrace.net;

import java.net.SocketAddress;

/**
 * What is known of a datagram that was received into a buffer.
 *
 * @param sizeBytes how long it was, 0 or more
 * @param truncated whether the buffer had no room for all of it; the rest is gone
 * @param sender where it came from
 * @param <A> the kind of its address
 */
public record Received<A extends SocketAddress>(int sizeBytes, boolean truncated, A sender) {}
