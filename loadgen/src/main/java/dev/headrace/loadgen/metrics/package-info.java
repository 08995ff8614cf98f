/**
 * What Prometheus is told of a run: while it goes on, and afterwards.
 *
 * <pre>
 *   recorders, EngineStats, ProxyStats ─▶ Source ─▶ Families ─▶ MetricsEndpoint ◀─ scrape
 *   result.json, intervals.ndjson, latency.hlog ─▶ KeptRun ─▶ Families ─▶ OpenMetricsExport ─▶ promtool
 * </pre>
 */
package dev.headrace.loadgen.metrics;
