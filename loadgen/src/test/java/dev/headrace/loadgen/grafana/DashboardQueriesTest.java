package dev.headrace.loadgen.grafana;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.Transport;
import dev.headrace.TransportReport;
import dev.headrace.loadgen.Command;
import dev.headrace.loadgen.Main;
import dev.headrace.loadgen.PrometheusServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every panel has something to show of runs that were scraped, or back-filled. */
@Timeout(120)
class DashboardQueriesTest {
  /** What nobody wrote down while the run went. */
  private static final Set<String> LIVE_ONLY =
      Set.of("headrace_process_cpu_seconds_total", "headrace_loop_lag_seconds");

  @TempDir static Path directory;
  private static WatchedRuns runs;

  @BeforeAll
  static void watch() throws Exception {
    PrometheusServer.needed();
    runs = new WatchedRuns(directory);
  }

  @AfterAll
  static void end() {
    if (runs != null) {
      runs.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"live-run", "runs-compared", "engine-internals"})
  void every_query_of_a_scraped_run_has_an_answer(String name) throws Exception {
    assertEquals(List.of(), unanswered(Dashboard.named(name), runs.prometheus(), Set.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"live-run", "runs-compared"})
  void every_query_of_a_back_filled_run_has_an_answer(String name, @TempDir Path data)
      throws Exception {
    for (Path run : runs.kept()) {
      Command export = Command.run("export", "--openmetrics", run.toString());
      assertEquals(Main.GOOD, export.status(), export.err());
      PrometheusServer.backfill(run.resolve("openmetrics.txt"), data);
    }
    try (PrometheusServer prometheus = PrometheusServer.serving(data)) {
      assertEquals(List.of(), unanswered(Dashboard.named(name), prometheus, LIVE_ONLY));
    }
  }

  private static List<String> unanswered(
      Dashboard dashboard, PrometheusServer prometheus, Set<String> lacking) throws Exception {
    Asking asking = new Asking(prometheus, runs.begun(), runs.ended());
    Map<String, String> chosen = asking.choices(dashboard);
    chosen.forEach((variable, value) -> assertTrue(value.length() > 2, variable + ": " + value));
    if (dashboard.name().equals("live-run")) {
      chosen.put(
          "run",
          runs.loadResult().get("run_id").asText()); // of both runs it is the one with connections
    }
    List<String> unanswered = new ArrayList<>();
    for (Dashboard.Query query : dashboard.queries()) {
      if (exists(query.metrics())
          && Collections.disjoint(query.metrics(), lacking)
          && asking.numbers(query, chosen) == 0) {
        unanswered.add(query.toString());
      }
    }
    return unanswered;
  }

  /** Without io_uring there is no ring to tell of. */
  private static boolean exists(Set<String> metrics) {
    return TransportReport.ofThisHost().entry(Transport.IO_URING).available()
        || metrics.stream().noneMatch(name -> name.startsWith("headrace_ring_"));
  }

  @Test
  void every_metric_that_a_panel_or_a_variable_names_is_exported() throws IOException {
    Set<String> named = new TreeSet<>();
    for (Dashboard dashboard : Dashboard.all()) {
      dashboard.queries().forEach(query -> named.addAll(query.metrics()));
      dashboard
          .asked()
          .forEach(one -> named.addAll(Dashboard.metricsOf(one.get("query").toString())));
    }
    named.removeIf(name -> !exists(Set.of(name)));
    named.removeAll(runs.exported().keySet());
    assertEquals(Set.of(), named);
  }

  @Test
  void the_page_lists_every_metric_with_its_type() throws IOException {
    Map<String, String> listed = new TreeMap<>();
    Matcher rows =
        Pattern.compile("(?m)^\\| `(headrace_\\w+)` \\| (\\w+) \\|")
            .matcher(Files.readString(Path.of("../docs/grafana.md")));
    while (rows.find()) {
      if (exists(Set.of(rows.group(1)))) {
        listed.put(rows.group(1), rows.group(2));
      }
    }
    assertEquals(runs.exported(), listed);
  }

  /** Prometheus scraped the end of the run: what the panels tell of it is the result's. */
  @Test
  void the_table_of_runs_tells_the_errors_of_the_result() throws Exception {
    JsonNode result = runs.loadResult();
    long errors = result.get("errors").valueStream().mapToLong(JsonNode::asLong).sum();
    assertTrue(errors > 0, result::toString);
    String column =
        Dashboard.named("runs-compared").queries().stream()
            .filter(query -> query.panel().equals("Runs, F"))
            .findFirst()
            .orElseThrow()
            .expression();
    String run = result.get("run_id").asText();
    JsonNode told =
        runs.prometheus()
            .query(column.replace("$__range", "10m").replace("$run", run), runs.ended());
    assertEquals(1, told.size(), told::toString);
    assertEquals(errors, PrometheusServer.value(told.get(0)));
  }
}
