package dev.headrace.loadgen.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.loadgen.PrometheusServer;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Asks what Grafana would ask for a dashboard: its variables first, then its panels.
 *
 * @param prometheus the data source
 * @param from the time range's begin
 * @param to its end
 */
record Asking(PrometheusServer prometheus, Instant from, Instant to) {
  private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.+), (\\w+)\\)");
  private static final Duration STEP = Duration.ofSeconds(1);

  /** The values of each variable, every value chosen that can be, in the order of the variables. */
  Map<String, String> choices(Dashboard dashboard) throws Exception {
    Map<String, String> chosen = new LinkedHashMap<>();
    for (JsonNode variable : dashboard.asked()) {
      List<String> values = values(variable.get("query").get("query").asText(), chosen);
      boolean many = variable.get("multi").asBoolean();
      chosen.put(
          variable.get("name").asText(),
          many
              ? values.stream().map(Pattern::quote).collect(Collectors.joining("|", "(", ")"))
              : values.isEmpty() ? "" : values.getLast());
    }
    return chosen;
  }

  private List<String> values(String query, Map<String, String> chosen) throws Exception {
    Matcher labels = LABEL_VALUES.matcher(query);
    if (!labels.matches()) {
      throw new AssertionError("no label_values(metric, label): " + query);
    }
    String label = labels.group(2);
    JsonNode found =
        prometheus.query(
            filled("group by (%s) (last_over_time(%s[$__range]))", chosen)
                .formatted(label, filled(labels.group(1), chosen)),
            to);
    return found
        .valueStream()
        .map(series -> series.get("metric").path(label).asText())
        .sorted()
        .toList();
  }

  private String filled(String expression, Map<String, String> chosen) {
    String filled =
        expression
            .replace("$__rate_interval", "4s")
            .replace("$__interval", "1s")
            .replace("$__range", Duration.between(from, to).toSeconds() + "s");
    for (Map.Entry<String, String> variable : chosen.entrySet()) {
      // Within a string of PromQL a backslash is written twice.
      filled = filled.replace("$" + variable.getKey(), variable.getValue().replace("\\", "\\\\"));
    }
    return filled;
  }

  /** How many numbers a panel gets to show. */
  long numbers(Dashboard.Query query, Map<String, String> chosen) throws Exception {
    String expression = filled(query.expression(), chosen);
    JsonNode series =
        query.instant()
            ? prometheus.query(expression, to)
            : prometheus.queryRange(expression, from, to, STEP);
    return series
        .valueStream()
        .flatMap(
            one ->
                query.instant()
                    ? List.of(one.get("value")).stream()
                    : one.get("values").valueStream())
        .map(sample -> sample.get(1).asText())
        .filter(text -> !text.equals("NaN") && !text.endsWith("Inf"))
        .count();
  }
}
