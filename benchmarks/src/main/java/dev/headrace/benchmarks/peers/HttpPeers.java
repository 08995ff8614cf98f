package dev.headrace.benchmarks.peers;

import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** HTTP servers on one core each, driven by {@code wrk}: CPU of the server per request. */
@Command(
    name = "http",
    description = "HTTP servers that say hello, all driven by wrk.",
    mixinStandardHelpOptions = true)
final class HttpPeers implements Callable<Integer> {
  private static final int CLIENT_CPU = 1;
  private static final String HELLO = "Hello, World!\n";
  private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ");
  private static final Pattern RATE = Pattern.compile("Requests/sec: *([0-9.]+)");
  private static final Pattern ERRORS = Pattern.compile("(Socket errors|Non-2xx).*");

  @Mixin Turns turns;

  @Option(
      names = "--connections",
      split = ",",
      defaultValue = "64,512",
      description = "Connections, a table each (${DEFAULT-VALUE}).")
  List<Integer> connections;

  @Override
  public Integer call() throws IOException, InterruptedException {
    turns.seconds = wholeSeconds(turns.seconds);
    try (Servers servers = Servers.start(turns.chosen(sides()))) {
      for (String name : servers.names()) {
        checkAnswer(name, servers.get(name));
        wrk(servers.get(name), connections.getFirst(), turns.warmupSeconds);
        wrk(servers.get(name), connections.getLast(), turns.warmupSeconds / 4);
      }
      for (int count : connections) {
        Collection<Contender> measured =
            turns.run(servers.names(), name -> wrk(servers.get(name), count, turns.seconds));
        turns.print(
            "http, " + count + " connections, CPU of the server per request",
            "req/s",
            measured,
            List.of("go"));
      }
    }
    return 0;
  }

  private Map<String, List<String>> sides() {
    Map<String, List<String>> sides = new LinkedHashMap<>();
    sides.put("go", List.of("env", "GOMAXPROCS=1", turns.peer("go/target/http-hello"), "0"));
    sides.put(
        "headrace",
        ServerProcess.headrace(
            List.of(
                "serve",
                "http",
                "--bind",
                "127.0.0.1:0",
                "--loops",
                "1",
                "--transport",
                "io_uring")));
    return sides;
  }

  /** Sides that do not say the same have not done the same work. */
  private static void checkAnswer(String name, ServerProcess server)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(URI.create(url(server)))
                  .version(HttpClient.Version.HTTP_1_1)
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200 || !response.body().equals(HELLO)) {
        throw new IOException(
            name + " answers " + response.statusCode() + " and not \"Hello, World!\"");
      }
    }
  }

  /** The server's CPU is read around the whole run: wrk's connecting is part of it. */
  private static Turns.Sample wrk(ServerProcess server, int count, double seconds)
      throws IOException, InterruptedException {
    List<String> command =
        List.of("wrk", "-t1", "-c" + count, "-d" + wholeSeconds(seconds) + "s", url(server));
    long before = server.cpuNanos();
    String output = Programs.output(Programs.onCpu(CLIENT_CPU, command));
    double cpuMicros = (server.cpuNanos() - before) / 1e3;
    Matcher errors = ERRORS.matcher(output);
    if (errors.find()) {
      throw new IOException(server.address() + ": " + errors.group());
    }
    return new Turns.Sample(cpuMicros / number(REQUESTS, output), number(RATE, output));
  }

  private static double number(Pattern pattern, String output) throws IOException {
    Matcher matcher = pattern.matcher(output);
    if (!matcher.find()) {
      throw new IOException("wrk printed no " + pattern + ": " + output);
    }
    return Double.parseDouble(matcher.group(1));
  }

  /** wrk knows no shorter run than a second, and no part of one. */
  private static int wholeSeconds(double seconds) {
    return (int) Math.max(1, Math.ceil(seconds));
  }

  private static String url(ServerProcess server) {
    return "http://" + server.address() + "/";
  }
}
