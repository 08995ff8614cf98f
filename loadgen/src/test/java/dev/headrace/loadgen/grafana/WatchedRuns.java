package dev.headrace.loadgen.grafana;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.headrace.loadgen.Child;
import dev.headrace.loadgen.PrometheusServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Real runs that a real Prometheus scraped: an open loop through a proxy, whose way to an echo
 * server breaks off again and again, and a run of a file. The runs are over when this is made.
 */
final class WatchedRuns implements AutoCloseable {
  private static final String NOBODY = "127.0.0.1:1";
  private static final Pattern TYPE = Pattern.compile("# TYPE (headrace_\\S+) (\\S+)");

  private final List<Runnable> endings = new ArrayList<>();
  private final Map<String, String> exported = new TreeMap<>();
  private final Path load;
  private final Path file;
  private final Instant begun = Instant.now();
  private final PrometheusServer prometheus;
  private final Instant ended;

  WatchedRuns(Path directory) throws Exception {
    load = directory.resolve("load");
    file = directory.resolve("file");
    try {
      Child echo = child(directory, "serve echo --bind 127.0.0.1:0 --loops 1");
      String echoMetrics = metricsOf(echo);
      BreakingRelay relay = new BreakingRelay(echo.listening());
      endings.add(relay::close);
      Child proxy =
          child(
              directory,
              "serve proxy --bind 127.0.0.1:0 --loops 1 --upstream 127.0.0.1:"
                  + relay.port()
                  + " --upstream "
                  + NOBODY);
      String proxyMetrics = metricsOf(proxy);
      String target = proxy.listening();
      Path data = Files.write(directory.resolve("data"), new byte[1 << 20]);
      String long8s = " --warmup 1s --duration 8s --loops 1 --metrics-linger 30s --out ";
      Child loading =
          child(
              directory,
              "load echo --rate 2000 --connections 8 --target " + target + long8s + load);
      Child reading = child(directory, "file randread --depth 4 --path " + data + long8s + file);
      List<String> endpoints =
          List.of(echoMetrics, proxyMetrics, metricsOf(loading), metricsOf(reading));
      prometheus = PrometheusServer.scraping(directory, endpoints.toArray(String[]::new));
      endings.add(prometheus::close);
      prometheus.await("headrace_loop_lag_seconds", measured -> measured.size() == 2);
      for (String endpoint : endpoints) {
        noteExported(endpoint);
      }
      for (Child run : List.of(loading, reading)) {
        if (run.status() != 0) {
          throw new AssertionError(run.errors());
        }
      }
      ended = Instant.now();
    } catch (Exception | AssertionError e) {
      close();
      throw e;
    }
  }

  private Child child(Path directory, String command) throws IOException {
    Child child = Child.start(directory, (command + " --metrics 127.0.0.1:0").split(" "));
    endings.add(child::close);
    return child;
  }

  private static String metricsOf(Child child) throws Exception {
    return child.told("metrics on http://").replace("/metrics", "");
  }

  private void noteExported(String endpoint) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      // While the runs go on: only a scrape after their end ends their waiting.
      URI all = URI.create("http://" + endpoint + "/metrics");
      String text = http.send(HttpRequest.newBuilder(all).build(), BodyHandlers.ofString()).body();
      Matcher types = TYPE.matcher(text);
      while (types.find()) {
        exported.put(types.group(1), types.group(2));
      }
    }
  }

  PrometheusServer prometheus() {
    return prometheus;
  }

  Instant begun() {
    return begun;
  }

  Instant ended() {
    return ended;
  }

  /** Names, each with its type. */
  Map<String, String> exported() {
    return exported;
  }

  /** The directories of the runs. */
  List<Path> kept() {
    return List.of(load, file);
  }

  /** Of the run through the proxy. */
  JsonNode loadResult() throws IOException {
    return new ObjectMapper().readTree(load.resolve("result.json").toFile());
  }

  @Override
  public void close() {
    endings.reversed().forEach(Runnable::run);
  }
}
