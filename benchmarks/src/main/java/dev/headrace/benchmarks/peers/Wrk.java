package dev.headrace.benchmarks.peers;

import dev.headrace.linux.CpuTime;
import dev.headrace.loadgen.bench.ServerProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code wrk}, which drives all HTTP servers from the other core.
 *
 * @param path what it asks for
 */
record Wrk(String path) {
  private static final int CPU = 1;
  private static final Pattern REQUESTS = Pattern.compile("(\\d+) requests in ");
  private static final Pattern RATE = Pattern.compile("Requests/sec: *([0-9.]+)");
  private static final Pattern ERRORS = Pattern.compile("(Socket errors|Non-2xx).*");

  /** Sides that do not say the same have not done the same work. */
  void checkAnswer(String name, ServerProcess server, byte[] expected)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> response =
          client.send(
              HttpRequest.newBuilder(URI.create(url(server)))
                  .version(HttpClient.Version.HTTP_1_1)
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      if (response.statusCode() != 200 || !Arrays.equals(response.body(), expected)) {
        throw new IOException(
            String.format(
                "%s answers %s with %d and %d bytes, not with 200 and the %d that were expected",
                name, path, response.statusCode(), response.body().length, expected.length));
      }
    }
  }

  /** The server's CPU is read around the whole run: wrk's connecting is part of it. */
  Turns.Sample drive(ServerProcess server, int connections, double seconds)
      throws IOException, InterruptedException {
    List<String> command =
        List.of("wrk", "-t1", "-c" + connections, "-d" + wholeSeconds(seconds) + "s", url(server));
    long before = cpuNanos(server);
    String output = Programs.output(Programs.onCpu(CPU, command));
    double cpuMicros = (cpuNanos(server) - before) / 1e3;
    Matcher errors = ERRORS.matcher(output);
    if (errors.find()) {
      throw new IOException(server.address() + ": " + errors.group());
    }
    return new Turns.Sample(cpuMicros / number(REQUESTS, output), number(RATE, output));
  }

  /** wrk knows no shorter run than a second, and no part of one. */
  static int wholeSeconds(double seconds) {
    return (int) Math.max(1, Math.ceil(seconds));
  }

  /** With the processes that it started: a worker of nginx is not nginx's own process. */
  private static long cpuNanos(ServerProcess server) throws IOException {
    long nanos = server.cpuNanos();
    for (long child :
        ProcessHandle.of(server.pid()).stream()
            .flatMap(ProcessHandle::descendants)
            .mapToLong(ProcessHandle::pid)
            .toArray()) {
      nanos += CpuTime.ofProcessNanos(child);
    }
    return nanos;
  }

  private static double number(Pattern pattern, String output) throws IOException {
    Matcher matcher = pattern.matcher(output);
    if (!matcher.find()) {
      throw new IOException("wrk printed no " + pattern + ": " + output);
    }
    return Double.parseDouble(matcher.group(1));
  }

  private String url(ServerProcess server) {
    return "http://" + server.address() + path;
  }
}
