package dev.headrace.loadgen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.headrace.Transport;
import dev.headrace.TransportReport;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The endpoint of each kind of command, each in a process of its own. */
@Timeout(180)
class MetricsTest {
  private static final String ON = "metrics on http://";

  @TempDir Path directory;

  private static String target(Child child) throws Exception {
    return child.told(ON).replace("/metrics", "");
  }

  private static String scrape(String target) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI metrics = URI.create("http://" + target + "/metrics");
      return http.send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofString()).body();
    }
  }

  /** The sum of the series of a name whose labels hold a text. */
  private static double value(String metrics, String name, String labels) {
    Matcher series = Pattern.compile("(?m)^" + name + "\\{([^}]*)} (\\S+)$").matcher(metrics);
    double sum = 0;
    boolean found = false;
    while (series.find()) {
      if (series.group(1).contains(labels)) {
        found = true;
        sum += Double.parseDouble(series.group(2));
      }
    }
    assertTrue(found, () -> "no " + name + " with " + labels + " in " + metrics);
    return sum;
  }

  /** Until the run is over: it lingers for a scrape. */
  private static void awaitEnd(Child run) throws Exception {
    String line = run.line();
    while (!line.startsWith("kept in ")) {
      line = run.line();
    }
  }

  private static void needed(Transport transport) {
    assumeTrue(
        TransportReport.ofThisHost().entry(transport).available(), "this host has no " + transport);
  }

  private Child serve(String service, Transport transport, String... more) throws Exception {
    String[] command =
        ("serve " + service + " --bind 127.0.0.1:0 --loops 1 --metrics 127.0.0.1:0 --transport ")
            .concat(transport.toString())
            .split(" ");
    return Child.start(
        directory,
        java.util.stream.Stream.of(command, more)
            .flatMap(java.util.stream.Stream::of)
            .toArray(String[]::new));
  }

  private JsonNode result(String name) throws Exception {
    return new ObjectMapper().readTree(directory.resolve(name).resolve("result.json").toFile());
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"IO_URING", "EPOLL", "NIO"})
  void every_command_tells_prometheus_of_itself_and_promtool_finds_no_fault(Transport transport)
      throws Exception {
    PrometheusServer.needed();
    needed(transport);
    try (Child echo = serve("echo", transport);
        Child proxy = serve("proxy", transport, "--upstream", echo.listening());
        Child load =
            Child.start(
                directory,
                ("load echo --metrics 127.0.0.1:0 --metrics-linger 1m --warmup 0s --duration 1s"
                        + " --connections 3 --loops 1 --out run --transport "
                        + transport
                        + " --target "
                        + proxy.listening())
                    .split(" "))) {
      String generator = target(load);
      awaitEnd(load);
      String server = scrape(target(echo));
      String middle = scrape(target(proxy));
      String last = scrape(generator);
      assertEquals(0, load.status(), load.errors());

      for (String metrics : List.of(server, middle, last)) {
        PrometheusServer.check(metrics);
        assertTrue(metrics.contains("transport=\"" + transport + "\""), metrics);
        assertTrue(value(metrics, "headrace_loop_busy_seconds_total", "loop=") > 0);
        assertEquals(1, value(metrics, "headrace_run_info", "revision="));
      }
      long requests = result("run").get("requests").asLong();
      assertTrue(requests > 0);
      String run = "run=\"" + result("run").get("run_id").asText() + "\"";
      assertEquals(requests, value(last, "headrace_requests_total", run));
      assertEquals(requests, value(last, "headrace_latency_seconds_count", run));
      assertEquals(requests, value(last, "headrace_latency_seconds_bucket", "le=\"+Inf\""));
      assertEquals(64 * requests, value(last, "headrace_payload_bytes_total", run));
      assertEquals(0, value(last, "headrace_connections", run), "the run is over");
      assertEquals(3, value(last, "headrace_connected_connections_total", run));
      assertFalse(last.contains("headrace_service_time_seconds"), "it is no open loop");
      assertEquals(3, value(middle, "headrace_proxy_accepted_total", "workload=\"serve-proxy\""));
      assertTrue(value(middle, "headrace_proxy_bytes_total", "to_upstream") >= 64 * requests);
      assertEquals(3, value(middle, "headrace_proxy_upstream_connects_total", "upstream="));
      assertEquals(3, value(server, "headrace_accepted_connections_total", "serve-echo"));
    }
  }

  @Test
  void files_and_an_open_loop_and_held_connections_are_told_of_too() throws Exception {
    PrometheusServer.needed();
    Path file = Files.write(directory.resolve("file"), new byte[1 << 20]);
    try (Child echo = serve("echo", Transport.NIO)) {
      String target = echo.listening();
      String end = " --metrics 127.0.0.1:0 --metrics-linger 1m --duration 1s --out ";
      String read = lastOf("file randread --warmup 0s --path " + file + end + "file-run");
      long operations = result("file-run").get("requests").asLong();
      assertEquals(operations, value(read, "headrace_requests_total", "file-randread"));
      assertTrue(value(read, "headrace_file_operations_total", "backend=") >= operations);

      String open =
          lastOf("load echo --rate 500 --warmup 0s --target " + target + end + "open-run");
      assertEquals(500, value(open, "headrace_requests_total", "workload=\"echo\""));
      assertEquals(500, value(open, "headrace_service_time_seconds_count", "workload=\"echo\""));
      assertTrue(
          value(open, "headrace_latency_seconds_sum", "")
              >= value(open, "headrace_service_time_seconds_sum", ""));

      String hold = lastOf("load connect --hold 5 --target " + target + end + "hold-run");
      assertEquals(5, value(hold, "headrace_requests_total", "workload=\"hold\""));
    }
  }

  /** What a run that lingers has to tell; it must end with the scrape. */
  private String lastOf(String command) throws Exception {
    try (Child run = Child.start(directory, command.split(" "))) {
      String target = target(run);
      awaitEnd(run);
      String metrics = scrape(target);
      assertEquals(0, run.status(), run.errors());
      PrometheusServer.check(metrics);
      return metrics;
    }
  }

  @Test
  void a_run_that_is_shorter_than_a_scrape_leaves_its_last_numbers_with_prometheus()
      throws Exception {
    PrometheusServer.needed();
    try (Child echo = serve("echo", Transport.NIO);
        Child load =
            Child.start(
                directory,
                ("load echo --metrics 127.0.0.1:0 --metrics-linger 1m --duration 1s --out run"
                        + " --warmup 0s --target "
                        + echo.listening())
                    .split(" "));
        PrometheusServer prometheus = PrometheusServer.scraping(directory, target(load))) {
      assertEquals(0, load.status(), load.errors());
      assertEquals(result("run").get("requests").asLong(), requests(prometheus));
    }
  }

  @Test
  void a_run_that_was_scraped_waits_for_one_scrape_more_and_its_counts_never_go_back()
      throws Exception {
    PrometheusServer.needed();
    try (Child echo = serve("echo", Transport.NIO);
        Child load =
            Child.start(
                directory,
                ("load echo --metrics 127.0.0.1:0 --duration 3s --out run --warmup 1s --target "
                        + echo.listening())
                    .split(" "))) {
      String target = target(load);
      double last = 0;
      for (int seen = 0; seen < 3; ) { // and no more: one at the end would be the last
        String metrics = scrape(target);
        if (metrics.contains("headrace_requests_total")) {
          double requests = value(metrics, "headrace_requests_total", "");
          assertTrue(requests >= last, () -> metrics);
          seen += requests > last ? 1 : 0;
          last = requests;
        }
      }
      awaitEnd(load);
      try (PrometheusServer prometheus = PrometheusServer.scraping(directory, target)) {
        assertEquals(0, load.status(), load.errors());
        assertEquals(result("run").get("requests").asLong(), requests(prometheus));
      }
    }
  }

  /** What Prometheus has last seen of a run, also when its endpoint is gone. */
  private static long requests(PrometheusServer prometheus) throws Exception {
    JsonNode seen =
        prometheus.await(
            "last_over_time(headrace_requests_total{workload=\"echo\"}[5m])",
            series -> series.size() == 1);
    return (long) PrometheusServer.value(seen.get(0));
  }

  /** As a Prometheus asks that has native histograms on. */
  @Test
  void whoever_wants_protocol_buffers_is_served_too() throws Exception {
    try (Child echo = serve("echo", Transport.NIO);
        HttpClient http = HttpClient.newHttpClient()) {
      String target = target(echo);
      echo.listening();
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://" + target + "/metrics"))
              .header(
                  "Accept",
                  "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                      + "encoding=delimited;q=0.8,text/plain;q=0.5")
              .build();
      var answer = http.send(request, BodyHandlers.ofString());
      assertEquals(200, answer.statusCode(), answer.body());
      assertTrue(answer.body().contains("headrace_loop_turns"), answer.body());
    }
  }

  @Test
  void nobody_is_waited_for_where_nobody_ever_scraped() throws Exception {
    try (Child echo = Child.start(directory, "serve", "echo", "--bind", "127.0.0.1:0");
        Child load =
            Child.start(
                directory,
                ("load echo --metrics 127.0.0.1:0 --duration 1s --out run --warmup 0s --target "
                        + echo.listening())
                    .split(" "))) {
      assertEquals(0, load.status(), load.errors());
    }
  }

  @Test
  void a_signal_ends_the_waiting_and_the_run_is_good() throws Exception {
    try (Child echo = Child.start(directory, "serve", "echo", "--bind", "127.0.0.1:0");
        Child load =
            Child.start(
                directory,
                ("load echo --metrics 127.0.0.1:0 --metrics-linger 1h --duration 1s --out run"
                        + " --warmup 0s --json --target "
                        + echo.listening())
                    .split(" "))) {
      StringBuilder document = new StringBuilder();
      String line;
      do { // printed before the waiting
        line = load.line();
        document.append(line);
      } while (!line.equals("}"));
      assertTrue(new ObjectMapper().readTree(document.toString()).get("requests").asLong() > 0);
      load.signal("INT");
      assertEquals(0, load.status(), load.errors());
    }
  }

  private static int status(HttpClient http, String method, String url) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).method(method, BodyPublishers.noBody()).build();
    return http.send(request, BodyHandlers.discarding()).statusCode();
  }

  @Test
  void only_a_get_of_the_metrics_is_a_scrape() throws Exception {
    try (Child echo = Child.start(directory, "serve", "echo", "--bind", "127.0.0.1:0");
        Child load =
            Child.start(
                directory,
                ("load echo --metrics 0.0.0.0:0 --metrics-linger 1h --duration 1s --out run"
                        + " --warmup 0s --target "
                        + echo.listening())
                    .split(" "));
        HttpClient http = HttpClient.newHttpClient()) {
      String host = target(load);
      assertTrue(host.matches("0\\.0\\.0\\.0:[1-9]\\d*"), host);
      String url = "http://127.0.0.1" + host.substring(host.indexOf(':'));
      awaitEnd(load);
      load.told("metrics: waiting");
      assertEquals(200, status(http, "HEAD", url + "/metrics"));
      assertEquals(405, status(http, "POST", url + "/metrics"));
      assertEquals(405, status(http, "DELETE", url + "/metrics"));
      for (String other : List.of("/", "/metrics/", "/metrics/more", "/metricsandmore")) {
        assertEquals(404, status(http, "GET", url + other), other);
      }
      assertEquals(200, status(http, "GET", url + "/metrics?name[]=x".replace("[]", "%5B%5D")));
      assertFalse(load.ends(Duration.ofMillis(300)), "none of these has seen its numbers");
      assertEquals(200, status(http, "GET", url + "/metrics"));
      assertEquals(0, load.status(), load.errors());
    }
  }

  @Test
  void a_port_that_a_run_has_is_refused_with_the_runs_name() throws Exception {
    try (Child echo = serve("echo", Transport.NIO)) {
      String taken = target(echo);
      echo.listening();
      Command command = Command.run("serve", "echo", "--bind", "127.0.0.1:0", "--metrics", taken);
      assertEquals(1, command.status());
      assertTrue(
          command.err().startsWith("headrace: --metrics " + taken + ": run 2"), command.err());
      assertTrue(command.err().contains("-serve-echo-"), command.err());
      assertTrue(command.err().contains("0 for a free one"), command.err());
      assertEquals(1, command.err().lines().count(), command.err());
    }
  }

  @Test
  void a_port_that_another_process_has_is_refused() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      Command command =
          Command.run("load", "echo", "--target", "127.0.0.1:1", "--metrics", address);
      assertEquals(1, command.status());
      assertEquals(
          "headrace: --metrics "
              + address
              + ": another process listens there: take another port, or 0 for a free one\n",
          command.err());
    }
  }

  @Test
  void an_upstream_that_is_named_twice_is_one_series_and_errors_begin_at_zero() throws Exception {
    try (Child echo = serve("echo", Transport.NIO)) {
      String upstream = echo.listening();
      try (Child proxy =
          serve("proxy", Transport.NIO, "--upstream", upstream, "--upstream", upstream)) {
        String load =
            "load echo --metrics 127.0.0.1:0 --metrics-linger 1m --warmup 0s --duration 1s";
        String generator =
            lastOf(load + " --connections 4 --out run --target " + proxy.listening());
        String metrics = scrape(target(proxy));
        String at = "upstream=\"" + upstream + "\"";
        assertEquals(4, value(metrics, "headrace_proxy_upstream_connects_total", at));
        assertEquals(0, value(metrics, "headrace_proxy_upstream_resting", at));
        assertEquals(1, metrics.split("headrace_proxy_upstream_resting\\{").length - 1, metrics);
        for (String kind : List.of("timeout", "ECONNRESET", "ECONNREFUSED", "ETIMEDOUT", "EPIPE")) {
          assertEquals(0, value(generator, "headrace_errors_total", "kind=\"" + kind + "\""), kind);
        }
      }
    }
  }
}
