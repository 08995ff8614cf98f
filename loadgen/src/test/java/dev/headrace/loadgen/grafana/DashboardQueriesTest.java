package dev.headrace.loadgen.grafana;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.loadgen.PrometheusServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every panel has something to show of runs that were scraped. */
@Timeout(120)
class DashboardQueriesTest {
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
    Dashboard dashboard = Dashboard.named(name);
    Asking asking = new Asking(runs.prometheus(), runs.begun(), runs.ended());
    Map<String, String> chosen = asking.choices(dashboard);
    chosen.forEach((variable, value) -> assertTrue(value.length() > 2, variable + " is " + value));
    if (name.equals("live-run")) {
      chosen.put("run", runs.loadRun());
    }
    assertEquals(List.of(), unanswered(dashboard, asking, chosen));
  }

  /** Without io_uring there is no ring to tell of. */
  private static boolean exists(Set<String> metrics) {
    return runs.exported().containsKey("headrace_ring_submissions_total")
        || metrics.stream().noneMatch(name -> name.startsWith("headrace_ring_"));
  }

  private static List<String> unanswered(
      Dashboard dashboard, Asking asking, Map<String, String> chosen) throws Exception {
    List<String> unanswered = new ArrayList<>();
    for (Dashboard.Query query : dashboard.queries()) {
      if (exists(query.metrics()) && asking.numbers(query, chosen) == 0) {
        unanswered.add(query.toString());
      }
    }
    return unanswered;
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
}
