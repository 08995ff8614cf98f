package dev.headrace.loadgen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.IoFailure;
import dev.headrace.service.Echo;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class ExportTest {
  @TempDir Path directory;

  private Path run(String command) throws Exception {
    Path run = directory.resolve("run");
    try (Engine server = Engine.start(EngineOptions.builder().loops(1).build())) {
      String target =
          IoFailure.text(Echo.serve(server, new InetSocketAddress("127.0.0.1", 0)).localAddress());
      Command done =
          Command.run((command + " --warmup 0s --target " + target + " --out " + run).split(" "));
      assertEquals(0, done.status(), done.err());
    }
    return run;
  }

  private static JsonNode result(Path run) throws Exception {
    return new ObjectMapper().readTree(run.resolve("result.json").toFile());
  }

  private static Path export(Path run) {
    return export(run, "");
  }

  private static Path export(Path run, String warned) {
    Command export = Command.run("export", "--openmetrics", run.toString());
    assertEquals(0, export.status(), export.err());
    assertEquals(warned, export.err());
    Path file = run.resolve("openmetrics.txt");
    assertEquals(
        List.of(
            "written " + file,
            "promtool tsdb create-blocks-from openmetrics " + file + " DATA_DIRECTORY"),
        export.out().lines().toList());
    return file;
  }

  @Test
  void a_run_that_was_back_filled_can_be_asked_for_its_rate_and_its_percentiles() throws Exception {
    PrometheusServer.needed();
    Path run = run("load echo --rate 300 --duration 4s --connections 2");
    JsonNode result = result(run);
    String series = "{run=\"" + result.get("run_id").asText() + "\",workload=\"echo\"}";
    PrometheusServer.backfill(export(run), directory);
    try (PrometheusServer prometheus = PrometheusServer.serving(directory)) {
      Instant began = Instant.parse(result.get("started_at").asText());
      Instant ended = Instant.now();
      double requests = at(prometheus, "headrace_requests_total" + series, ended);
      assertEquals(1200, requests);
      assertEquals(result.get("requests").asDouble(), requests);
      assertEquals(requests, at(prometheus, "headrace_latency_seconds_count" + series, ended));
      assertEquals(requests, at(prometheus, "headrace_service_time_seconds_count" + series, ended));
      assertEquals(64 * requests, at(prometheus, "headrace_payload_bytes_total" + series, ended));
      assertEquals(2, at(prometheus, "headrace_connections" + series, ended));
      assertEquals(
          0, at(prometheus, "headrace_errors_total{kind=\"closed\"," + series.substring(1), ended));
      assertEquals(
          result.get("transport").asText(),
          prometheus
              .query("headrace_run_info" + series, ended)
              .get(0)
              .get("metric")
              .get("transport")
              .asText());

      JsonNode rates =
          prometheus.queryRange(
              "rate(headrace_requests_total" + series + "[2s])",
              began,
              ended,
              Duration.ofMillis(500));
      double highest = 0;
      for (JsonNode point : rates.get(0).get("values")) {
        highest = Math.max(highest, Double.parseDouble(point.get(1).asText()));
      }
      assertTrue(highest > 200 && highest < 400, rates::toString);

      double p50 =
          at(
              prometheus,
              "histogram_quantile(0.5, headrace_latency_seconds_bucket" + series + ")",
              ended);
      double measured = result.get("latency").get("p50_seconds").asDouble();
      assertTrue(p50 > measured / 2.6 && p50 < measured * 2.6, p50 + " is not about " + measured);
    }
  }

  private static double at(PrometheusServer prometheus, String expression, Instant when)
      throws Exception {
    JsonNode series = prometheus.query(expression, when);
    assertEquals(1, series.size(), () -> expression + " is " + series);
    return PrometheusServer.value(series.get(0));
  }

  @Test
  void what_a_killed_run_left_is_exported_without_its_result() throws Exception {
    Path run = run("load echo --rate 300 --duration 3s --connections 2");
    String id = result(run).get("run_id").asText();
    Files.delete(run.resolve("result.json"));
    Path log = run.resolve("latency.hlog");
    byte[] whole = Files.readAllBytes(log);
    Files.write(log, java.util.Arrays.copyOf(whole, whole.length - 100));
    String text = Files.readString(export(run, remains(run)));
    assertTrue(text.endsWith("\n# EOF\n"), text);
    assertTrue(text.contains("run=\"" + id + "\",transport=\"unknown\",workload=\"echo\""), text);
    assertFalse(text.contains("headrace_run_info"), "nobody knows where it ran");
    long seen =
        text.lines()
            .filter(line -> line.startsWith("headrace_requests_total{"))
            .mapToLong(line -> (long) Double.parseDouble(line.split(" ")[1]))
            .max()
            .orElseThrow();
    assertTrue(seen >= 300 && seen <= 900, text);
  }

  @Test
  void held_connections_and_their_kinds_of_errors_are_exported() throws Exception {
    Path run = run("load connect --hold 3 --duration 1s");
    Path intervals = run.resolve("intervals.ndjson");
    String line = Files.readAllLines(intervals).getFirst();
    String failed = line.replaceFirst("}$", ",\"errors_by_kind\":{\"ECONNRESET\":7}}");
    Files.writeString(intervals, Files.readString(intervals).replace(line, failed));
    String text = Files.readString(export(run));
    assertTrue(text.contains("workload=\"hold\""), text);
    assertTrue(text.matches("(?s).*headrace_connections\\{[^}]*} 3.0 \\d.*"), text);
    assertTrue(text.matches("(?s).*errors_total\\{kind=\"ECONNRESET\"[^}]*} 7.0 \\d.*"), text);
  }

  private static String remains(Path run) {
    return "headrace: "
        + run
        + " is what is left of a run that was killed: its result is missing, and its end\n";
  }

  @Test
  void a_directory_without_a_run_is_refused_in_one_line() throws Exception {
    refused("holds no run; name a directory that --out", directory);
    refused("there is no such directory", directory.resolve("nowhere"));
    refused("is a file", Files.createFile(directory.resolve("file")));
    for (String document : List.of("{", "[]", "null", "{} {}", "\u0000\u0001")) {
      Files.writeString(directory.resolve("result.json"), document);
      refused("result.json is damaged, or no document of Headrace", directory);
    }
    Files.writeString(directory.resolve("result.json"), "{}");
    refused("result.json lacks schema", directory);
    Files.writeString(directory.resolve("result.json"), "{\"schema\":\"headrace/result/1\"}");
    refused("result.json lacks run_id", directory);
    Files.writeString(directory.resolve("result.json"), "{\"schema\":\"headrace/result/9\"}");
    refused("has the schema 'headrace/result/9'", directory);
  }

  private static void refused(String named, Path where) {
    Command command = Command.run("export", "--openmetrics", where.toString());
    assertEquals(1, command.status(), command.err());
    assertTrue(command.err().contains(named), command.err());
    assertTrue(command.err().contains(where.toString()), command.err());
    assertFalse(command.err().matches("(?s).*(Exception|Cannot|Input length).*"), command.err());
    assertEquals(1, command.err().lines().count(), command.err());
    assertFalse(Files.isRegularFile(where.resolve("openmetrics.txt")));
  }

  /** Does something to a file that was kept. */
  private interface Damage {
    void to(Path file) throws Exception;
  }

  private static final Damage NOISE =
      file -> {
        byte[] noise = new byte[5000];
        new Random(1).nextBytes(noise);
        Files.write(file, noise);
      };

  private static void damaged(Path run, String file, Damage damage, String named) throws Exception {
    Path path = run.resolve(file);
    byte[] whole = Files.readAllBytes(path);
    damage.to(path);
    refused(named, run);
    Files.deleteIfExists(path);
    Files.write(path, whole);
  }

  @Test
  void a_damaged_run_is_refused_with_the_name_of_the_file() throws Exception {
    Path run = run("load echo --rate 300 --duration 2s --connections 2");
    for (String file : List.of("latency.hlog", "intervals.ndjson")) {
      damaged(run, file, Files::delete, file + " is missing");
      damaged(run, file, path -> Files.write(path, new byte[0]), file + " is empty");
      damaged(
          run,
          file,
          path -> {
            Files.delete(path);
            Files.createDirectory(path);
          },
          file + " is no file");
      damaged(
          run,
          file,
          path -> {
            List<String> lines = Files.readAllLines(path);
            Files.write(path, lines.subList(0, lines.size() - (file.endsWith("hlog") ? 2 : 1)));
          },
          run.resolve(file) + " has ");
    }
    damaged(run, "latency.hlog", NOISE, "latency.hlog has 0 requests that can be read");
    damaged(run, "intervals.ndjson", NOISE, "intervals.ndjson is damaged");
    damaged(
        run,
        "intervals.ndjson",
        path -> Files.writeString(path, "{}\n{}\n"),
        "intervals.ndjson has 0 requests");
    damaged(run, "result.json", NOISE, "result.json is damaged");
    damaged(
        run,
        "result.json",
        path -> Files.writeString(path, Files.readString(path).replaceFirst("-echo-", "-other-")),
        "latency.hlog is of the run ");
    damaged(
        run,
        "result.json",
        path ->
            Files.writeString(
                path, Files.readString(path).replace("\"requests\" : 600", "\"requests\" : 601")),
        "latency.hlog has 600 requests that can be read, and result.json tells of 601");
    Path export = Files.createDirectory(run.resolve("openmetrics.txt"));
    refused("cannot write " + export + ": a directory is in the way", run);
    Files.delete(export);
    export(run);
  }

  @Test
  void a_run_that_was_killed_before_it_measured_anything_is_refused() throws Exception {
    for (String log : List.of("latency.hlog", "intervals.ndjson")) {
      NOISE.to(directory.resolve(log));
      refused("killed before it had measured anything", directory);
    }
  }

  @Test
  void a_run_replaces_what_an_earlier_one_and_a_bench_left_and_nothing_else() throws Exception {
    Path run = Files.createDirectory(directory.resolve("run"));
    Path cell = Files.createDirectory(run.resolve("echo-nio"));
    Path kept = Files.writeString(run.resolve("notes.txt"), "mine");
    for (Path of : List.of(run, cell)) {
      for (String name : List.of("result.json", "bench.json", "openmetrics.txt", "numbers.svg")) {
        Files.writeString(of.resolve(name), "old");
      }
    }
    Path other = Files.createDirectory(run.resolve("proxy-nio-paced"));
    Files.writeString(other.resolve("mine.txt"), "mine");
    run("load echo --rate 300 --duration 1s --connections 2");
    export(run);
    assertFalse(Files.exists(cell));
    assertFalse(Files.exists(run.resolve("bench.json")));
    assertFalse(Files.exists(run.resolve("numbers.svg")));
    assertTrue(Files.exists(kept));
    assertTrue(Files.exists(other.resolve("mine.txt")));
  }
}
