package dev.headrace.loadgen.grafana;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboards against the types that Grafana publishes. */
class DashboardSchemaTest {
  @TempDir Path directory;

  @BeforeAll
  static void npm() throws Exception {
    Npm.assumeInstalled();
  }

  @Test
  void the_dashboards_are_what_grafanas_types_say() throws Exception {
    try (Stream<Path> files = Files.list(Dashboard.HOME.resolve("dashboards"))) {
      Npm.Output checked =
          Npm.node("dashboards.mjs", files.map(Path::toString).toArray(String[]::new));
      assertEquals(new Npm.Output(0, "3 dashboards, 0 faults"), checked);
    }
  }

  /** The check would be worth nothing if it let everything pass. */
  @Test
  void what_grafana_would_not_know_is_told_with_its_line() throws Exception {
    Npm.Output checked =
        Npm.node(
            "dashboards.mjs",
            spoilt("type", "\"type\": \"heatmap\"", "\"type\": \"heat\""),
            spoilt("option", "\"graphMode\": \"area\"", "\"graphMode\": \"hills\""),
            spoilt("custom", "\"drawStyle\"", "\"drawing\""),
            spoilt("unit", "{\"unit\": \"reqps\"}", "{}"),
            spoilt("source", "\"uid\": \"${datasource}\"", "\"uid\": \"mine\""));
    assertEquals(1, checked.status());
    for (String name : List.of("type", "option", "custom", "unit", "source")) {
      assertTrue(
          checked.text().lines().anyMatch(line -> line.matches(name + "\\.json:\\d+: .*")),
          () -> name + " passed: " + checked.text());
    }
  }

  private String spoilt(String name, String good, String bad) throws IOException {
    String text = Files.readString(Dashboard.HOME.resolve("dashboards/live-run.json"));
    assertTrue(text.contains(good), good);
    int at = text.indexOf(good);
    Path file = directory.resolve(name + ".json");
    Files.writeString(file, text.substring(0, at) + bad + text.substring(at + good.length()));
    return file.toString();
  }

  @Test
  void the_lock_file_names_no_registry() throws IOException {
    String lock = Files.readString(Path.of("../scripts/node/package-lock.json"));
    assertFalse(lock.contains("\"resolved\""));
  }
}
