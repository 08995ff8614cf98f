/**
 * {@code headrace bench}: each server in a process of its own, workloads and transports turn by
 * turn.
 *
 * <pre>
 *   client (this process) ──▶ echo server, one a transport
 *                         ──▶ proxy, one a transport ──▶ echo server
 * </pre>
 */
package dev.headrace.loadgen.bench;
