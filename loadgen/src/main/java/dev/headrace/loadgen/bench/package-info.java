/**
 * {@code headrace bench}: each server in a process of its own, a file in this one, workloads and
 * transports turn by turn.
 *
 * <pre>
 *   client (this process) ──▶ echo server, one a transport
 *                         ──▶ proxy, one a transport ──▶ echo server behind them
 *                         ───────────────────────────────▶ the same, without a proxy
 *                         ──▶ a file, through this process's own engine on each transport
 * </pre>
 */
package dev.headrace.loadgen.bench;
