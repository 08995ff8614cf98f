package dev.headrace.loadgen.bench;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import dev.headrace.loadgen.PairedRatio;
import dev.headrace.loadgen.report.AddedLatency;
import dev.headrace.loadgen.report.Figures;
import dev.headrace.loadgen.report.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A bench as people read it. */
final class BenchTable {
  private static final int COLUMNS = 13;

  private BenchTable() {}

  static String of(BenchReport report, BenchPlan plan) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s, %d x %s, JDK %s, Netty %s%n"
            .formatted(
                report.host().kernel(),
                report.host().cpus(),
                report.host().cpuModel(),
                Runtime.version(),
                report.host().netty()));
    text.append(
        "%s; %d %s of %s in random order%s%n"
            .formatted(
                plan.workloads().stream()
                    .map(BenchWorkload::conditions)
                    .distinct()
                    .collect(Collectors.joining("; ")),
                plan.rounds(),
                plan.rounds() == 1 ? "round" : "rounds",
                Figures.time(plan.duration().toNanos() / 1e9),
                report.partial() ? " (PARTIAL)" : ""));
    if (plan.workloads().contains(BenchWorkload.PROXY)) {
      text.append(
          "added: latency at %s req/s through the proxy, less that of its backend asked directly%n"
              .formatted(Figures.count(BenchPlan.DETOUR_RATE)));
    }
    List<String[]> rows = new ArrayList<>();
    for (Object result : report.results()) {
      rows.add(
          result instanceof Result measured
              ? row(measured, report.ratios())
              : missing((BenchReport.Missing) result));
    }
    Column[] columns =
        Stream.of(
                "workload",
                "transport",
                "req/s",
                "p50",
                "p99",
                "p99.9",
                "added p50",
                "added p99",
                "CPU/req client",
                "CPU/req server",
                "req/s vs NIO",
                "server CPU vs NIO",
                "errors")
            .map(name -> new Column().header(name).dataAlign(HorizontalAlign.RIGHT))
            .toArray(Column[]::new);
    text.append(
            AsciiTable.getTable(
                AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns, rows.toArray(String[][]::new)))
        .append(System.lineSeparator());
    Map<String, String> warned = new LinkedHashMap<>(); // one that several rows share is told once
    for (Object result : report.results()) {
      if (result instanceof BenchReport.Missing missing) {
        text.append("%s is not available: %s%n".formatted(missing.transport(), missing.reason()));
      } else if (result instanceof Result measured) {
        String row = measured.workload() + ' ' + measured.transport();
        measured
            .warnings()
            .forEach(warning -> warned.merge(warning, row, (before, more) -> before + ", " + more));
      }
    }
    warned.forEach((warning, of) -> text.append("warning: %s: %s%n".formatted(of, warning)));
    return text.toString();
  }

  private static String[] row(Result result, List<BenchReport.Ratio> ratios) {
    BenchReport.Ratio ratio =
        ratios.stream()
            .filter(
                candidate ->
                    candidate.workload().equals(result.workload())
                        && candidate.transport().equals(result.transport()))
            .findFirst()
            .orElse(null);
    boolean answered = result.latency() != null;
    return new String[] {
      result.workload(),
      result.transport(),
      Figures.rate(result.requestsPerSecond()),
      answered ? Figures.time(result.latency().p50()) : "-",
      answered ? Figures.time(result.latency().p99()) : "-",
      answered ? Figures.time(result.latency().p999()) : "-",
      added(result, AddedLatency::p50),
      added(result, AddedLatency::p99),
      answered ? Figures.time(BenchCell.clientCpuPerRequest(result)) : "-",
      answered && result.serverCpuSeconds() != null
          ? Figures.time(BenchCell.serverCpuPerRequest(result))
          : "-",
      text(ratio == null ? null : ratio.rate()),
      text(ratio == null ? null : ratio.serverCpu()),
      Figures.count(result.errorCount())
    };
  }

  private static String added(Result result, ToDoubleFunction<AddedLatency> value) {
    if (result.addedLatency() == null) {
      return "-";
    }
    double seconds = value.applyAsDouble(result.addedLatency());
    return (seconds < 0 ? "-" : "+") + Figures.time(Math.abs(seconds));
  }

  private static String text(PairedRatio ratio) {
    return ratio == null
        ? "-"
        : String.format(
            Locale.ROOT, "%.2f [%.2f, %.2f]", ratio.median(), ratio.low(), ratio.high());
  }

  private static String[] missing(BenchReport.Missing missing) {
    String[] row = new String[COLUMNS];
    java.util.Arrays.fill(row, "-");
    row[0] = missing.workload();
    row[1] = missing.transport();
    row[2] = "not here";
    return row;
  }
}
