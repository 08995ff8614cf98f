package dev.headrace.loadgen.report;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * What a proxy adds to the latency of the server behind it: the same client asks both at the same
 * low rate, turn by turn.
 *
 * @param p50 the proxied median above the direct one, of each round; of those the median. Below
 *     zero where noise hides it
 * @param p99 the same of the 99th percentiles
 * @param rate requests a second over all connections, on either path
 * @param rounds how many rounds' pairs there are
 * @param proxied the latency through the proxy, all rounds together
 * @param direct that of the server itself
 */
public record AddedLatency(
    @JsonProperty("p50_seconds") double p50,
    @JsonProperty("p99_seconds") double p99,
    @JsonProperty("rate") double rate,
    @JsonProperty("rounds") int rounds,
    @JsonProperty("proxied") Latency proxied,
    @JsonProperty("direct") Latency direct) {}
