package dev.headrace.loadgen.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A dashboard's file, as far as its queries go. */
record Dashboard(String name, JsonNode json) {
  static final Path HOME = Path.of("..", "bench-results", "grafana");

  private static final Pattern METRIC = Pattern.compile("\\bheadrace_[a-z0-9_]+");

  /** All that are provisioned. */
  static List<Dashboard> all() throws IOException {
    try (Stream<Path> files = Files.list(HOME.resolve("dashboards"))) {
      List<Dashboard> all = new ArrayList<>();
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString().replace(".json", "");
        all.add(new Dashboard(name, new ObjectMapper().readTree(file.toFile())));
      }
      return all;
    }
  }

  static Dashboard named(String name) throws IOException {
    return all().stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
  }

  /** Without the rows between them. */
  List<JsonNode> panels() {
    return json.get("panels")
        .valueStream()
        .flatMap(panel -> Stream.concat(Stream.of(panel), panel.path("panels").valueStream()))
        .filter(panel -> !panel.get("type").asText().equals("row"))
        .toList();
  }

  List<JsonNode> variables() {
    return json.get("templating").get("list").valueStream().toList();
  }

  /**
   * A query of a panel.
   *
   * @param instant whether it asks for the end of the time range only
   */
  record Query(String panel, String expression, boolean instant) {
    Set<String> metrics() {
      return metricsOf(expression);
    }
  }

  List<Query> queries() {
    return panels().stream()
        .flatMap(
            panel ->
                panel
                    .get("targets")
                    .valueStream()
                    .map(
                        target ->
                            new Query(
                                panel.get("title").asText() + ", " + target.get("refId").asText(),
                                target.get("expr").asText(),
                                target.path("instant").asBoolean())))
        .toList();
  }

  /** The variables that are asked of Prometheus. */
  List<JsonNode> asked() {
    return variables().stream()
        .filter(variable -> variable.get("type").asText().equals("query"))
        .toList();
  }

  /** What is named in an expression, without the endings of a histogram's series. */
  static Set<String> metricsOf(String expression) {
    return METRIC
        .matcher(expression)
        .results()
        .map(MatchResult::group)
        .map(name -> name.replaceFirst("_(bucket|sum|count)$", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Override
  public String toString() {
    return name;
  }
}
