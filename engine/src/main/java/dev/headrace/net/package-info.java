/**
 * Sockets for blocking code on tasks: TCP and Unix streams and their listeners.
 *
 * <pre>
 *   loop  → StreamCore.channelRead → inbound queue  → receive()  → task
 *   loop  ← one flush a drain      ← outbound queue ← send(…)    ← task
 * </pre>
 */
package dev.headrace.net;
