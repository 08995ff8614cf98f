package dev.headrace.loadgen.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.headrace.Transport;
import dev.headrace.loadgen.Interruption;
import dev.headrace.loadgen.Main;
import dev.headrace.loadgen.Session;
import dev.headrace.loadgen.report.RunDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BenchTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Interruption stop = new Interruption();
  @TempDir Path directory;

  private int bench(String... more) {
    String[] arguments = new String[more.length + 3];
    arguments[0] = "bench";
    arguments[1] = "--out";
    arguments[2] = directory.toString();
    System.arraycopy(more, 0, arguments, 3, more.length);
    return Main.run(session(), arguments);
  }

  private Session session() {
    return new Session(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        stop);
  }

  @Test
  void runsEveryWorkloadOnEveryTransportAndKeepsWhatItPrints() throws Exception {
    int status =
        bench("--transports", "epoll,nio", "--duration", "200ms", "--rounds", "2", "--json");
    assertEquals(Main.GOOD, status, err::toString);
    JsonNode report = new ObjectMapper().readTree(out.toByteArray());
    assertEquals("headrace/bench/1", report.get("schema").asText());
    assertFalse(report.get("partial").asBoolean());
    assertEquals(4, report.get("results").size());
    for (JsonNode result : report.get("results")) {
      assertEquals("headrace/result/1", result.get("schema").asText());
      assertTrue(result.get("requests").asLong() > 0, result::toString);
      assertTrue(result.get("errors").isEmpty(), result::toString);
      assertTrue(result.get("server_cpu_seconds").asDouble() > 0, result::toString);
      assertEquals(
          result.get("workload").asText().equals("proxy"),
          result.has("added_latency"),
          result::toString);
      Path cell =
          directory.resolve(
              result.get("workload").asText() + "-" + result.get("transport").asText());
      assertEquals(result, new ObjectMapper().readTree(cell.resolve("result.json").toFile()));
      assertTrue(Files.size(cell.resolve("latency.hlog")) > 0);
      assertTrue(Files.size(cell.resolve("intervals.ndjson")) > 0);
    }
    assertEquals(2, report.get("ratios").size(), "epoll against NIO, for each workload");
    assertEquals(report, new ObjectMapper().readTree(directory.resolve("bench.json").toFile()));
    isExported(report);
  }

  /** Each cell's count as its result has it, under labels of its own. */
  private void isExported(JsonNode report) throws IOException {
    Path file = directory.resolve("openmetrics.txt");
    assertTrue(
        err.toString(StandardCharsets.UTF_8).contains("create-blocks-from openmetrics " + file));
    List<String> lines = Files.readAllLines(file);
    for (JsonNode result : report.get("results")) {
      String series =
          "headrace_requests_total{run=\"%s\",transport=\"%s\",workload=\"%s\"} "
              .formatted(
                  result.get("run_id").asText(),
                  result.get("transport").asText(),
                  result.get("workload").asText());
      List<String> samples = lines.stream().filter(line -> line.startsWith(series)).toList();
      assertEquals(
          result.get("requests").asLong(),
          (long) Double.parseDouble(samples.getLast().split(" ")[1]),
          samples::toString);
      List<Double> times =
          samples.stream().map(line -> Double.parseDouble(line.split(" ")[2])).toList();
      assertEquals(times.stream().sorted().distinct().toList(), times);
    }
  }

  @Test
  void aBenchInTheSamePlaceLeavesNothingOfTheOneBefore() throws Exception {
    assertEquals(
        Main.GOOD,
        bench("--transports", "nio", "--duration", "100ms", "--rounds", "1"),
        err::toString);
    assertTrue(Files.exists(directory.resolve("proxy-nio-paced/result.json")));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("; 1 round of "), out::toString);
    assertEquals(
        Main.GOOD,
        bench("--workloads", "echo", "--transports", "nio", "--duration", "100ms", "--rounds", "1"),
        err::toString);
    assertFalse(Files.exists(directory.resolve("proxy-nio")));
    assertFalse(Files.exists(directory.resolve("proxy-nio-paced")));
    assertEquals(Set.of(runId("echo-nio")), exported());
  }

  private String runId(String cell) throws IOException {
    return new ObjectMapper()
        .readTree(directory.resolve(cell).resolve("result.json").toFile())
        .get("run_id")
        .asText();
  }

  private Set<String> exported() throws IOException {
    Matcher runs =
        Pattern.compile("\\brun=\"([^\"]+)\"")
            .matcher(Files.readString(directory.resolve("openmetrics.txt")));
    return runs.results().map(run -> run.group(1)).collect(Collectors.toSet());
  }

  @Test
  void theExportOfABenchTakesWhatItNamesAndMissesWhatIsGone() throws Exception {
    assertEquals(
        Main.GOOD,
        bench("--workloads", "echo", "--transports", "epoll,nio", "--duration", "100ms"),
        err::toString);
    Path stray = Files.createDirectory(directory.resolve("file-nio"));
    for (String name : List.of("result.json", "latency.hlog", "intervals.ndjson")) {
      Files.copy(directory.resolve("echo-nio").resolve(name), stray.resolve(name));
    }
    assertEquals(Main.GOOD, export());
    assertEquals(Set.of(runId("echo-epoll"), runId("echo-nio")), exported());

    Files.copy(
        directory.resolve("echo-epoll/result.json"),
        directory.resolve("echo-nio/result.json"),
        StandardCopyOption.REPLACE_EXISTING);
    assertEquals(Main.FAILED, export());
    assertTrue(err.toString().contains("echo-nio/result.json is of the run "), err::toString);
    Files.delete(directory.resolve("echo-nio/result.json"));
    assertEquals(Main.FAILED, export());
    assertTrue(err.toString().contains("echo-nio/result.json is missing"), err::toString);
    Files.writeString(directory.resolve("bench.json"), "{\"schema\":\"headrace/bench/1\"}");
    assertEquals(Main.FAILED, export());
    assertTrue(err.toString().contains("bench.json lacks started_at"), err::toString);
  }

  private int export() {
    return Main.run(session(), "export", "--openmetrics", directory.toString());
  }

  @Test
  void aProxyIsMeasuredBesideItsBackendAtTheSamePace() throws Exception {
    int status =
        bench(
            "--workloads",
            "proxy",
            "--transports",
            "nio",
            "--duration",
            "200ms",
            "--rounds",
            "2",
            "--json");
    assertEquals(Main.GOOD, status, err::toString);
    JsonNode report = new ObjectMapper().readTree(out.toByteArray());
    assertEquals(1, report.get("results").size(), "the direct path is within the proxy's result");
    JsonNode proxy = report.get("results").get(0);
    assertEquals("service", proxy.get("latency").get("kind").asText());
    assertFalse(proxy.has("service_latency"), proxy::toString);
    JsonNode added = proxy.get("added_latency");
    assertEquals(2, added.get("rounds").asInt());
    assertEquals(5_000, added.get("rate").asInt());
    assertTrue(added.get("p50_seconds").isNumber(), added::toString);
    assertTrue(added.get("p99_seconds").isNumber(), added::toString);
    for (String path : List.of("proxied", "direct")) {
      assertEquals("intended", added.get(path).get("kind").asText());
      String cell = path.equals("proxied") ? "proxy-nio-paced" : "direct-paced";
      JsonNode kept =
          new ObjectMapper().readTree(directory.resolve(cell).resolve("result.json").toFile());
      assertEquals(added.get(path), kept.get("latency"));
      assertEquals(5_000, kept.get("config").get("rate").asInt());
      assertEquals(64, kept.get("connections").asInt());
      assertEquals(64, kept.get("config").get("size_bytes").asInt());
      assertEquals(2_000, kept.get("requests").asInt(), "both paths were asked the same");
      assertTrue(kept.get("errors").isEmpty(), kept::toString);
      assertTrue(kept.get("server_cpu_seconds").asDouble() > 0, kept::toString);
    }
  }

  @Test
  void theTableHasWhatAProxyAddsAndUnderWhichConditions() {
    int status = bench("--transports", "nio", "--duration", "100ms", "--rounds", "1");
    assertEquals(Main.GOOD, status, err::toString);
    String table = out.toString(StandardCharsets.UTF_8);
    assertTrue(table.contains("added: latency at 5,000 req/s through the proxy"), table);
    assertEquals(List.of("added p50", "added p99"), cells(table, "workload").subList(7, 9));
    assertEquals(List.of("-", "-"), cells(table, "echo").subList(7, 9));
    for (String added : cells(table, "proxy").subList(7, 9)) {
      assertTrue(added.matches("[+-][\\d.,]+ (ns|µs|ms|s)"), table);
    }
  }

  /** The row that begins with a word; what is before its first bar is an empty cell. */
  private static List<String> cells(String table, String first) {
    return table
        .lines()
        .filter(line -> line.matches("\\|\\s*" + first + "\\s.*"))
        .map(line -> Stream.of(line.split("\\|")).map(String::strip).toList())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void anInterruptedBenchOfAProxyKeepsWhatItHas() throws Exception {
    Thread interrupter =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!err.toString(StandardCharsets.UTF_8).contains("round 1 of 1000")) {
                    Thread.yield();
                  }
                  stop.request();
                });
    int status =
        bench(
            "--workloads",
            "proxy",
            "--transports",
            "nio",
            "--duration",
            "100ms",
            "--rounds",
            "1000",
            "--json");
    interrupter.join();
    assertEquals(Main.FAILED, status, err::toString);
    JsonNode report = new ObjectMapper().readTree(directory.resolve("bench.json").toFile());
    assertTrue(report.get("partial").asBoolean());
  }

  @Test
  void aBenchThatIsKilledLeavesItsCellsUnderTheirOwnNames() throws Exception {
    List<JsonNode> left = new ArrayList<>();
    Path cell = directory.resolve("proxy-nio");
    BenchPlan plan =
        new BenchPlan(
            List.of(BenchWorkload.PROXY), List.of(Transport.NIO), Duration.ofMillis(100), 2);
    try (RunDirectory kept = RunDirectory.create("bench", Optional.of(directory))) {
      Bench.run(
          plan,
          kept,
          stop,
          line -> {
            if (line.startsWith("round 2")) {
              left.add(keptNow(cell));
            }
          });
    }
    assertEquals("nio", left.getFirst().get("transport").asText());
    assertEquals("proxy", left.getFirst().get("workload").asText());
    assertEquals(1, left.getFirst().get("config").get("rounds").asInt());
  }

  private static JsonNode keptNow(Path cell) {
    try {
      return new ObjectMapper().readTree(cell.resolve("result.json").toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aFileIsReadThroughEachTransportAndRemoved() throws Exception {
    int status =
        bench(
            "--workloads",
            "file",
            "--duration",
            "200ms",
            "--rounds",
            "2",
            "--transports",
            "epoll,nio",
            "--json");
    assertEquals(Main.GOOD, status, err::toString);
    JsonNode report = new ObjectMapper().readTree(out.toByteArray());
    assertEquals(2, report.get("results").size());
    for (JsonNode result : report.get("results")) {
      assertEquals("file", result.get("workload").asText());
      assertEquals("threads", result.get("config").get("backend").asText());
      assertEquals(4096, result.get("config").get("block_bytes").asInt());
      assertTrue(result.get("requests").asLong() > 0, result::toString);
      assertTrue(result.get("errors").isEmpty(), result::toString);
      assertFalse(result.has("server_cpu_seconds"), result::toString);
      assertFalse(result.has("connections"), result::toString);
    }
    assertEquals(1, report.get("ratios").size());
    assertFalse(report.get("ratios").get(0).has("server_cpu_per_request"));
    assertFalse(Files.exists(directory.resolve("bench-file")));
  }

  @Test
  void anInterruptedBenchIsKeptAndMarked() throws Exception {
    stop.request();
    assertEquals(Main.FAILED, bench("--workloads", "echo", "--transports", "nio"));
    JsonNode report = new ObjectMapper().readTree(directory.resolve("bench.json").toFile());
    assertTrue(report.get("partial").asBoolean());
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("PARTIAL"));
    assertFalse(Files.exists(directory.resolve("echo-nio")), "nothing was kept of it");
    assertEquals(Main.FAILED, export());
    assertTrue(err.toString().contains("the bench was interrupted before it had one"));
  }

  @Test
  void whatItCannotRunIsRefusedWithTheValueAndTheRemedy() {
    assertEquals(Main.WRONG_USE, bench("--workloads", "disk"));
    assertEquals(Main.WRONG_USE, bench("--transports", "auto"));
    assertEquals(Main.WRONG_USE, bench("--rounds", "0"));
    String told = err.toString(StandardCharsets.UTF_8);
    assertTrue(told.contains("'disk' is no workload: use echo, proxy or file"), told);
    assertTrue(told.contains("auto is one of them"), told);
    assertTrue(told.contains("--rounds is 0: it must be 1 to 1000"), told);
  }

  @Test
  void aServerThatDoesNotStartIsAnErrorWithWhatItSaid() {
    IOException failure =
        assertThrows(IOException.class, () -> ServerProcess.start(List.of("echo", "no server")));
    assertTrue(failure.getMessage().contains("it said no server"), failure::getMessage);
  }
}
