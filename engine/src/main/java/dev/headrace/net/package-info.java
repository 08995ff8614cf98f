/**
 * Sockets and pipes for blocking code on tasks: TCP and Unix streams and their listeners, UDP and
 * Unix datagrams, pipes, and the lookup of names.
 *
 * <pre>
 *   loop  → StreamCore.channelRead → Inbound  → receive()  → task
 *   loop  ← one flush a drain      ← Outbound ← send(…)    ← task
 * </pre>
 *
 * <p>Both are queues under one lock, {@code StreamState}, and {@code StreamCore} ends them.
 *
 * <p>UDP goes the same way through {@code DatagramCore}. Pipes and Unix datagrams need no queue:
 * their loop only tells when a descriptor is ready ({@code ReadyDescriptor}), and the task makes
 * the system call itself.
 */
package dev.headrace.net;
