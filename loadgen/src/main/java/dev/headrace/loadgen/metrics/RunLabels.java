package dev.headrace.loadgen.metrics;

/**
 * What every series of a run is labelled with.
 *
 * @param run its id
 * @param workload what it does: {@code echo}, {@code file-randread}, {@code serve-proxy}
 * @param transport what it runs on
 */
public record RunLabels(String run, String workload, String transport) {}
