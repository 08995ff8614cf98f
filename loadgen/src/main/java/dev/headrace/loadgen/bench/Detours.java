package dev.headrace.loadgen.bench;

import dev.headrace.Transport;
import dev.headrace.loadgen.PairedRatio;
import dev.headrace.loadgen.load.Arrivals;
import dev.headrace.loadgen.load.RunPlan;
import dev.headrace.loadgen.report.AddedLatency;
import dev.headrace.loadgen.report.Figures;
import dev.headrace.loadgen.report.Latency;
import dev.headrace.loadgen.report.Result;
import dev.headrace.loadgen.report.RunDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What each proxy adds to the latency of its backend, measured by cells of their own:
 *
 * <pre>
 *   client ──▶ proxy ──▶ echo server      a cell a proxy
 *   client ─────────────▶ echo server     one cell: the way without a detour
 * </pre>
 *
 * <p>All are asked at one fixed low rate. A closed loop's latency is its connections over its rate,
 * so the difference of two closed loops would only say once more which path saturates first.
 */
final class Detours implements AutoCloseable {
  private final Path parent;
  private final Map<Transport, BenchCell> proxied = new LinkedHashMap<>();
  private BenchCell direct;

  Detours(Path parent) {
    this.parent = parent;
  }

  static RunPlan.Pace pace() {
    return new RunPlan.Pace(BenchPlan.DETOUR_RATE, Arrivals.UNIFORM);
  }

  /** One more proxy, before a backend that all of them have. */
  void add(Transport transport, Subject proxy, ServerProcess backend, Transport backendTransport)
      throws IOException {
    if (direct == null) {
      direct = cell("direct", backendTransport, Subject.Served.by(backend));
    }
    proxied.put(transport, cell("proxy-" + transport, transport, proxy));
  }

  private BenchCell cell(String name, Transport transport, Subject subject) throws IOException {
    String paced = name + "-paced";
    RunDirectory kept = RunDirectory.create(paced, Optional.of(parent.resolve(paced)));
    BenchWorkload workload = name.equals("direct") ? BenchWorkload.ECHO : BenchWorkload.PROXY;
    return new BenchCell(paced, workload, transport, subject, kept, Optional.of(pace()));
  }

  List<BenchCell> cells() {
    return Stream.concat(Stream.ofNullable(direct), proxied.values().stream()).toList();
  }

  /** Keeps the cells' results in their directories. */
  void keep() throws IOException {
    for (BenchCell cell : cells()) {
      if (!cell.turns().isEmpty()) {
        cell.merged();
      }
    }
  }

  /** What that proxy adds; null before a round's pair is complete. */
  AddedLatency addedBy(Transport transport) throws IOException {
    BenchCell through = proxied.get(transport);
    if (through == null) {
      return null;
    }
    List<Pair> pairs = new ArrayList<>();
    int rounds = Math.min(through.turns().size(), direct.turns().size());
    for (int round = 0; round < rounds; round++) {
      Pair pair = new Pair(through.turns().get(round), direct.turns().get(round));
      if (pair.isAnswered()) {
        pairs.add(pair);
      }
    }
    return pairs.isEmpty()
        ? null
        : new AddedLatency(
            median(pairs, Latency::p50),
            median(pairs, Latency::p99),
            pace().rate(),
            pairs.size(),
            through.latency(),
            direct.latency());
  }

  /** What spoils that proxy's figure. */
  List<String> warnings(Transport transport) {
    if (!proxied.containsKey(transport)) {
      return List.of();
    }
    return Stream.of(proxied.get(transport), direct)
        .flatMap(
            cell ->
                cell.warnings().stream()
                    .map(
                        warning ->
                            "%s at %s req/s: %s"
                                .formatted(
                                    cell == direct ? "the backend alone" : "added latency",
                                    Figures.count(pace().rate()),
                                    warning)))
        .toList();
  }

  private static double median(List<Pair> pairs, ToDoubleFunction<Latency> value) {
    return PairedRatio.median(pairs.stream().mapToDouble(pair -> pair.added(value)).toArray());
  }

  /** The turns of one round. */
  private record Pair(Result proxied, Result direct) {
    boolean isAnswered() {
      return proxied.latency() != null && direct.latency() != null;
    }

    double added(ToDoubleFunction<Latency> value) {
      return value.applyAsDouble(proxied.latency()) - value.applyAsDouble(direct.latency());
    }
  }

  @Override
  public void close() throws IOException {
    for (BenchCell cell : cells()) {
      cell.close();
    }
  }
}
