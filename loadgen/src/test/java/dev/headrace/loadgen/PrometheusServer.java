package dev.headrace.loadgen;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A real Prometheus (Debian's package {@code prometheus}) on a free port of the loopback address,
 * in a process of its own that ends with {@link #close}. It scrapes every second, or serves what
 * {@link #backfill} has put into its data directory, however old. A test that starts one where it
 * is not installed is skipped, and says so, or fails: {@link Needed}.
 *
 * <pre>
 *   try (PrometheusServer prometheus = PrometheusServer.scraping(tempDir, "127.0.0.1:9464")) {
 *     JsonNode result = prometheus.await("headrace_requests_total", r -> !r.isEmpty());
 *     double last = PrometheusServer.value(result.get(0));
 *   }
 * </pre>
 */
public final class PrometheusServer implements AutoCloseable {
  private static final Pattern LISTENING =
      Pattern.compile(".*\"?Listening on\"? address=(127\\.0\\.0\\.1:\\d+).*");
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Path DATA = Path.of("prometheus-data");

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final String address;

  private PrometheusServer(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  /** Ends the test that asks, where Prometheus is not installed. */
  public static void needed() {
    for (String program : List.of("prometheus", "promtool")) {
      Needed.that(
          Files.isExecutable(Path.of("/usr/bin", program)),
          program + " is missing: apt-get install prometheus");
    }
  }

  /**
   * Starts one that scrapes {@code /metrics} of targets every second, and waits until it is ready.
   *
   * @param directory where it keeps its data and its configuration
   * @param targets each {@code HOST:PORT}; none for one that only serves its data directory
   */
  public static PrometheusServer scraping(Path directory, String... targets) throws Exception {
    needed();
    Path config = directory.resolve("prometheus.yml");
    String jobs =
        targets.length == 0
            ? "scrape_configs: []\n"
            : "scrape_configs: [{job_name: headrace, static_configs: [{targets: ['"
                + String.join("', '", targets)
                + "']}]}]\n";
    Files.writeString(config, "global: {scrape_interval: 1s, scrape_timeout: 1s}\n" + jobs);
    Process process =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + config,
                "--storage.tsdb.path=" + directory.resolve(DATA),
                "--storage.tsdb.retention.time=100y",
                "--web.listen-address=127.0.0.1:0")
            .redirectErrorStream(true)
            .start();
    PrometheusServer server = new PrometheusServer(process, listening(process.inputReader()));
    server.awaitReady();
    return server;
  }

  /** The same, without targets: it serves what was back-filled into the directory. */
  public static PrometheusServer serving(Path directory) throws Exception {
    return scraping(directory);
  }

  /**
   * Puts a file of OpenMetrics text into the data directory of a server that is started later.
   *
   * @param openMetrics the file
   * @param directory that the server is started with
   * @return what promtool said
   */
  public static String backfill(Path openMetrics, Path directory) throws Exception {
    needed();
    return promtool(
        null,
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        openMetrics.toString(),
        directory.resolve(DATA).toString());
  }

  /** Runs {@code promtool check metrics}; it must find nothing. */
  public static void check(String metrics) throws Exception {
    needed();
    assertEquals("", promtool(metrics, "check", "metrics"));
  }

  private static String promtool(String input, String... arguments) throws Exception {
    String[] command = new String[arguments.length + 1];
    command[0] = "promtool";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Path given = Files.createTempFile("promtool", ".txt");
    try {
      Files.writeString(given, input == null ? "" : input);
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(given.toFile())
              .start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), said);
      return said;
    } finally {
      Files.delete(given);
    }
  }

  /** Reads on in the background: a full pipe would stop it. */
  private static String listening(BufferedReader output) throws IOException {
    StringBuilder said = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      said.append(line).append('\n');
      Matcher listening = LISTENING.matcher(line);
      if (listening.matches()) {
        Thread.ofPlatform().daemon().start(() -> output.lines().forEach(more -> {}));
        return listening.group(1);
      }
    }
    throw new AssertionError("prometheus did not start: " + said);
  }

  private void awaitReady() throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    HttpRequest ready = HttpRequest.newBuilder(URI.create(url() + "/-/ready")).build();
    while (http.send(ready, BodyHandlers.ofString()).statusCode() != 200) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("prometheus is not ready within " + PATIENCE);
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** {@code http://127.0.0.1:PORT}: a data source of a dashboard. */
  public String url() {
    return "http://" + address;
  }

  /** The series that an expression has now: an array of {@code {metric, value}}. */
  public JsonNode query(String expression) throws Exception {
    return ask("query?query=" + encoded(expression));
  }

  /** The series that an expression had at a moment. */
  public JsonNode query(String expression, Instant at) throws Exception {
    return ask("query?query=" + encoded(expression) + "&time=" + at.toEpochMilli() / 1e3);
  }

  /** The series that an expression had over a time: an array of {@code {metric, values}}. */
  public JsonNode queryRange(String expression, Instant from, Instant to, Duration step)
      throws Exception {
    return ask(
        "query_range?query="
            + encoded(expression)
            + "&start="
            + from.toEpochMilli() / 1e3
            + "&end="
            + to.toEpochMilli() / 1e3
            + "&step="
            + step.toMillis() / 1e3);
  }

  /** Asks until the series are as they should be; fails when they are not in half a minute. */
  public JsonNode await(String expression, Predicate<JsonNode> condition) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    JsonNode result = query(expression);
    while (!condition.test(result)) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(expression + " is " + result);
      }
      TimeUnit.MILLISECONDS.sleep(50);
      result = query(expression);
    }
    return result;
  }

  /** The value of a series of {@link #query}. */
  public static double value(JsonNode series) {
    String text = series.get("value").get(1).asText();
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }

  private JsonNode ask(String question) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url() + "/api/v1/" + question)).build();
    String answer = http.send(request, BodyHandlers.ofString()).body();
    JsonNode document = json.readTree(answer);
    assertEquals("success", document.path("status").asText(), question + ": " + answer);
    return document.get("data").get("result");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    http.close();
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
