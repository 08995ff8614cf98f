package dev.headrace.loadgen.grafana;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.loadgen.PrometheusServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Grafana's types do not say and a reader of a dashboard relies on. */
class DashboardRulesTest {
  private static final Pattern RANGE = Pattern.compile("\\b([a-z_]+)\\([^()\\[\\]]*\\[([^\\]]+)]");
  private static final String SOURCE = "${datasource}";

  static Stream<Dashboard> dashboards() throws IOException {
    return Dashboard.all().stream();
  }

  @Test
  void three_dashboards_have_names_that_links_can_rely_on() throws IOException {
    assertEquals(
        Map.of(
            "engine-internals", "headrace-engine",
            "live-run", "headrace-live-run",
            "runs-compared", "headrace-runs-compared"),
        dashboards()
            .collect(Collectors.toMap(Dashboard::name, one -> one.json().get("uid").asText())));
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void the_data_source_and_the_run_are_chosen_at_the_top(Dashboard dashboard) {
    List<String> names =
        dashboard.variables().stream().map(variable -> variable.get("name").asText()).toList();
    assertEquals("datasource", names.getFirst());
    assertTrue(names.contains("run"), names::toString);
    assertEquals("datasource", dashboard.variables().getFirst().get("type").asText());
    Stream.concat(dashboard.panels().stream(), dashboard.asked().stream())
        .forEach(
            user ->
                assertEquals(SOURCE, user.get("datasource").get("uid").asText(), user::toString));
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void every_panel_says_what_it_shows_and_in_which_unit(Dashboard dashboard) {
    for (JsonNode panel : dashboard.panels()) {
      String title = panel.get("title").asText();
      assertTrue(panel.get("description").asText().endsWith("."), title);
      assertFalse(panel.at("/fieldConfig/defaults/unit").asText().isEmpty(), title);
      assertFalse(panel.get("targets").isEmpty(), title);
    }
  }

  /** So that a rate is right whatever the scrape interval and the zoom. */
  @ParameterizedTest
  @MethodSource("dashboards")
  void every_window_is_one_of_grafanas(Dashboard dashboard) {
    for (Dashboard.Query query : dashboard.queries()) {
      Matcher range = RANGE.matcher(query.expression());
      while (range.find()) {
        String wanted =
            List.of("rate", "deriv").contains(range.group(1)) ? "$__rate_interval" : "$__range";
        assertEquals(wanted, range.group(2), query::toString);
      }
      assertFalse(
          Pattern.compile("\\[[^$]|:[^$]+]").matcher(query.expression()).find(), query::toString);
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void every_query_is_of_the_chosen_run(Dashboard dashboard) {
    for (Dashboard.Query query : dashboard.queries()) {
      Matcher selector =
          Pattern.compile("headrace_[a-z_]+(\\{[^}]*})?").matcher(query.expression());
      while (selector.find()) {
        assertTrue(selector.group().matches(".*\\{run=~?\"\\$run\".*"), query::toString);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void panels_neither_share_an_id_nor_a_place(Dashboard dashboard) {
    Set<Integer> ids = new HashSet<>();
    List<boolean[]> taken = new ArrayList<>();
    for (JsonNode panel : dashboard.json().get("panels")) {
      assertTrue(ids.add(panel.get("id").asInt()), panel::toString);
      JsonNode place = panel.get("gridPos");
      for (int y = place.get("y").asInt();
          y < place.get("y").asInt() + place.get("h").asInt();
          y++) {
        while (taken.size() <= y) {
          taken.add(new boolean[24]);
        }
        for (int x = place.get("x").asInt();
            x < place.get("x").asInt() + place.get("w").asInt();
            x++) {
          assertFalse(taken.get(y)[x], panel::toString);
          taken.get(y)[x] = true;
        }
      }
    }
  }

  @Test
  void what_docker_starts_is_pinned_and_is_the_grafana_whose_types_are_checked()
      throws IOException {
    String compose = Files.readString(Dashboard.HOME.resolve("compose.yaml"));
    List<String> images =
        compose.lines().map(String::strip).filter(line -> line.startsWith("image: ")).toList();
    assertEquals(2, images.size());
    images.forEach(image -> assertTrue(image.matches("image: \\S+:v?\\d+\\.\\d+\\.\\d+"), image));
    JsonNode npm = Npm.manifest();
    String schema = npm.at("/devDependencies/@grafana~1schema").asText();
    assertTrue(images.contains("image: grafana/grafana:" + schema), schema);
  }

  @Test
  void prometheus_takes_the_configuration_that_it_is_given() throws Exception {
    PrometheusServer.needed();
    Path config = Dashboard.HOME.resolve("prometheus.yml");
    Npm.Output checked = Npm.run(Path.of("."), "promtool", "check", "config", config.toString());
    assertEquals(0, checked.status(), checked.text());
  }
}
