package dev.headrace.loadgen.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.Listener;
import dev.headrace.Transport;
import dev.headrace.loadgen.HostileServer;
import dev.headrace.loadgen.Interruption;
import dev.headrace.loadgen.report.Progress;
import dev.headrace.loadgen.report.Result;
import dev.headrace.loadgen.report.RunDirectory;
import dev.headrace.service.HttpHello;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class HttpRunTest {
  private static final RunPlan SHORT =
      new RunPlan(Duration.ofMillis(50), Duration.ofMillis(300), Optional.empty());
  private static final String GOOD = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

  @TempDir Path directory;

  private Result run(Workload workload, RunPlan plan, Transport transport) throws IOException {
    EngineOptions options = EngineOptions.builder().transport(transport).loops(2).build();
    try (RunDirectory kept = RunDirectory.create("test", Optional.of(directory.resolve("run")))) {
      return LoadRun.run(
          workload, plan, options, new RunContext(kept, Progress.none(), new Interruption()));
    }
  }

  /** A run against a server that answers each request with the same words. */
  private Result against(String answer, boolean thenCloses) throws IOException {
    try (HostileServer server =
        new HostileServer(
            client -> {
              BufferedReader in = reader(client);
              while (headers(in) != null) {
                client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                if (thenCloses) {
                  return;
                }
              }
            })) {
      return run(new HttpWorkload(server.address(), "test", "/", 2, 1), SHORT, Transport.AUTO);
    }
  }

  private static BufferedReader reader(java.net.Socket client) throws IOException {
    return new BufferedReader(
        new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
  }

  private static String headers(BufferedReader in) throws IOException {
    StringBuilder headers = new StringBuilder();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.isEmpty()) {
        return headers.toString();
      }
      headers.append(line).append('\n');
    }
    return null;
  }

  private static void assertGood(Result result) {
    assertEquals(Map.of(), result.errors());
    assertTrue(result.good());
  }

  @ParameterizedTest(name = "{0}, {1}, depth {2}, unix {3}")
  @CsvSource({
    "IO_URING, /, 1, false",
    "IO_URING, /bytes/100000, 3, false",
    "IO_URING, /, 4, true",
    "EPOLL, /bytes/0, 16, false",
    "EPOLL, /, 1, true",
    "NIO, /bytes/5000, 2, false"
  })
  void every_answer_of_our_own_server_is_good(
      Transport transport, String path, int depth, boolean unix) throws Exception {
    SocketAddress local =
        unix
            ? UnixDomainSocketAddress.of(directory.resolve("http"))
            : new InetSocketAddress("127.0.0.1", 0);
    try (Engine engine = Engine.start(EngineOptions.builder().loops(1).build());
        Listener listener = HttpHello.serve(engine, local)) {
      Workload workload = new HttpWorkload(listener.localAddress(), "test", path, 5, depth);
      assertGood(run(workload, SHORT, transport));
      RunPlan open =
          new RunPlan(
              Duration.ofMillis(50),
              Duration.ofMillis(300),
              Optional.of(new RunPlan.Pace(200, Arrivals.UNIFORM)));
      Result paced = run(workload, open, transport);
      assertGood(paced);
      assertEquals(60, paced.requests(), 1);
    }
  }

  @Test
  void the_request_is_what_a_server_expects() throws Exception {
    AtomicReference<String> seen = new AtomicReference<>();
    try (HostileServer server =
        new HostileServer(
            client -> {
              BufferedReader in = reader(client);
              for (String head = headers(in); head != null; head = headers(in)) {
                seen.set(head);
                client.getOutputStream().write(GOOD.getBytes(StandardCharsets.US_ASCII));
              }
            })) {
      assertGood(
          run(
              new HttpWorkload(server.address(), "example.org:81", "/a?b=c", 1, 1),
              SHORT,
              Transport.AUTO));
    }
    assertEquals("GET /a?b=c HTTP/1.1\nhost: example.org:81\n", seen.get());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "HTTP/1.1 200 OK|Transfer-Encoding: chunked||2|hi|0||",
    "HTTP/1.1 100 Continue||HTTP/1.1 200 OK|Content-Length: 0||",
    "HTTP/1.1 204 No Content||"
  })
  void other_good_answers_are_good(String answer) throws Exception {
    assertGood(against(answer.replace("|", "\r\n"), false));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "HTTP/1.1 200 OK|Connection: close|Content-Length: 2||hi",
    "HTTP/1.0 200 OK|Content-Length: 2||hi",
    "HTTP/1.1 200 OK||until the end",
  })
  void a_target_that_says_it_closes_is_connected_to_again_without_an_error(String answer)
      throws Exception {
    Result result = against(answer.replace("|", "\r\n"), true);
    assertGood(result);
    assertTrue(result.requests() > 10, "not held up: " + result.requests());
  }

  @ParameterizedTest(name = "{0}, then closes: {1}")
  @CsvSource({
    "HTTP/1.1 404 Not Found|Content-Length: 2||no, false, http_404",
    "HTTP/1.1 503 Busy|Content-Length: 0|Connection: close||, true, http_503",
    "no http at all||, false, malformed",
    "HTTP/1.1 200 OK|Content-Length: x||, false, malformed",
    "HTTP/1.1 200 OK|Transfer-Encoding: chunked||zz|, false, malformed",
    "HTTP/1.1 200 OK|Content-Length: 9||half, true, closed",
    "HTTP/1.1 200 OK|Content-Le, true, closed",
    "'', true, closed"
  })
  void a_bad_answer_is_an_error_of_its_kind(String answer, boolean closes, String kind)
      throws Exception {
    Result result = against(answer.replace("|", "\r\n"), closes);
    assertEquals(0, result.requests());
    assertEquals(Set.of(kind), result.errors().keySet());
    assertFalse(result.good());
  }

  @Test
  void an_answer_to_nothing_is_an_excess() throws Exception {
    Result result = against(GOOD + GOOD, false);
    assertTrue(result.errorCount() > 0);
    // The second may come after the next request was sent, and is its answer then.
    assertEquals(Set.of("excess"), result.errors().keySet());
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void a_target_that_stalls_does_not_hold_up_the_end(Transport transport) throws Exception {
    try (HostileServer server =
        new HostileServer(client -> client.getInputStream().readAllBytes())) {
      Result result = run(new HttpWorkload(server.address(), "test", "/", 3, 2), SHORT, transport);
      assertEquals(Map.of("unanswered", 6L), result.errors());
    }
  }
}
