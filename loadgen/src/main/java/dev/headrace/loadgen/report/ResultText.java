package dev.headrace.loadgen.report;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A result as people read it. */
public final class ResultText {
  private static final String[] LATENCY_HEADER = {
    "latency", "min", "mean", "p50", "p90", "p99", "p99.9", "p99.99", "max"
  };

  private ResultText() {}

  /** The whole text, ending with a line feed. */
  public static String of(Result result) {
    List<String> lines = new ArrayList<>();
    lines.add(title(result));
    lines.add("");
    lines.add(
        label("requests")
            + Figures.count(result.requests())
            + " in "
            + Figures.time(result.durationSeconds())
            + ": "
            + Figures.rate(result.requestsPerSecond())
            + "/s"
            + (result.bytesPerSecond() == 0
                ? ""
                : ", " + Figures.bytes(result.bytesPerSecond()) + "/s"));
    lines.add(label("errors") + errors(result));
    if (result.hold() != null) {
      lines.add(label("hold") + hold(result.hold()));
    }
    lines.add(label("cpu/request") + cpu(result));
    lines.add(
        label("generator")
            + "loop lag p99 "
            + Figures.time(result.health().loopLagP99Seconds())
            + ", CPU share "
            + "%.2f".formatted(result.health().cpuShare())
            + ", late ticks "
            + Figures.count(result.health().lateTicks()));
    if (result.latency() != null) {
      lines.add("");
      lines.add(latencies(result));
    }
    result.warnings().forEach(warning -> lines.add("warning: " + warning));
    return String.join(System.lineSeparator(), lines) + System.lineSeparator();
  }

  private static String label(String text) {
    return "  %-13s".formatted(text);
  }

  private static String title(Result result) {
    return result.config().containsKey("block_bytes") ? fileTitle(result) : targetTitle(result);
  }

  private static String fileTitle(Result result) {
    return result.workload()
        + " of "
        + result.config().get("path")
        + " over "
        + result.transport()
        + " ("
        + result.config().get("backend")
        + "), "
        + Figures.count((Integer) result.config().get("block_bytes"))
        + " bytes x depth "
        + result.config().get("depth")
        + " within "
        + Figures.bytes((Long) result.config().get("size_bytes"))
        + (result.config().get("direct").equals(true) ? ", direct" : ", buffered")
        + (result.partial() ? " (PARTIAL)" : "");
  }

  private static String targetTitle(Result result) {
    return result.workload()
        + " to "
        + result.config().get("target")
        + " over "
        + result.transport()
        + ", "
        + result.connections()
        + " connections"
        + (result.config().containsKey("depth") ? " x depth " + result.config().get("depth") : "")
        + (result.config().containsKey("size_bytes")
            ? ", " + result.config().get("size_bytes") + " bytes"
            : "")
        + (result.config().containsKey("path") ? ", GET " + result.config().get("path") : "")
        + (result.config().containsKey("rate")
            ? ", open loop, " + result.config().get("arrivals") + " arrivals"
            : ", closed loop")
        + (result.partial() ? " (PARTIAL)" : "");
  }

  private static String errors(Result result) {
    return result.errors().isEmpty()
        ? "none"
        : result.errors().entrySet().stream()
            .map(error -> error.getKey() + ' ' + Figures.count(error.getValue()))
            .collect(Collectors.joining(", "));
  }

  private static String hold(Result.Hold hold) {
    return Figures.count(hold.connections())
        + " connections, opened in "
        + Figures.time(hold.connectSeconds())
        + (hold.serverBytesPerConnection() == null
            ? ""
            : ", live heap of the server "
                + Figures.count(hold.serverBytesPerConnection())
                + " B each")
        + (hold.serverResidentBytesPerConnection() == null
            ? ""
            : ", resident " + Figures.count(hold.serverResidentBytesPerConnection()) + " B each");
  }

  private static String cpu(Result result) {
    if (result.requests() == 0 || result.cpuSeconds() == null) {
      return "-";
    }
    double client = result.cpuSeconds().userSeconds() + result.cpuSeconds().systemSeconds();
    String text = "client " + Figures.time(client / result.requests());
    return result.serverCpuSeconds() == null
        ? text
        : text + ", server " + Figures.time(result.serverCpuSeconds() / result.requests());
  }

  private static String latencies(Result result) {
    String[][] rows =
        Stream.of(result.latency(), result.serviceLatency())
            .filter(latency -> latency != null)
            .map(ResultText::row)
            .toArray(String[][]::new);
    Column[] columns =
        Stream.of(LATENCY_HEADER)
            .map(
                name ->
                    new Column()
                        .header(name)
                        .headerAlign(HorizontalAlign.RIGHT)
                        .dataAlign(HorizontalAlign.RIGHT))
            .toArray(Column[]::new);
    return AsciiTable.getTable(AsciiTable.BASIC_ASCII_NO_DATA_SEPARATORS, columns, rows);
  }

  private static String[] row(Latency latency) {
    return new String[] {
      latency.kind(),
      Figures.time(latency.min()),
      Figures.time(latency.mean()),
      Figures.time(latency.p50()),
      Figures.time(latency.p90()),
      Figures.time(latency.p99()),
      Figures.time(latency.p999()),
      Figures.time(latency.p9999()),
      Figures.time(latency.max())
    };
  }
}
