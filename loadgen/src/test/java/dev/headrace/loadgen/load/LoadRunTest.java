package dev.headrace.loadgen.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.IoFailure;
import dev.headrace.Listener;
import dev.headrace.Transport;
import dev.headrace.loadgen.HostileServer;
import dev.headrace.loadgen.Interruption;
import dev.headrace.loadgen.report.Latency;
import dev.headrace.loadgen.report.Progress;
import dev.headrace.loadgen.report.Result;
import dev.headrace.loadgen.report.RunDirectory;
import dev.headrace.service.Discard;
import dev.headrace.service.Echo;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class LoadRunTest {
  private static final int SIZE = 64;
  private static final RunPlan SHORT = closed(Duration.ofMillis(300));

  @TempDir Path directory;

  private static RunPlan closed(Duration duration) {
    return new RunPlan(Duration.ofMillis(50), duration, Optional.empty());
  }

  private static RunPlan open(double rate, Arrivals arrivals, Duration duration) {
    return new RunPlan(
        Duration.ofMillis(50), duration, Optional.of(new RunPlan.Pace(rate, arrivals)));
  }

  private Result run(Workload workload, RunPlan plan, Transport transport) throws IOException {
    return run(workload, plan, transport, new Interruption());
  }

  private Result run(Workload workload, RunPlan plan, Transport transport, Interruption stop)
      throws IOException {
    EngineOptions options = EngineOptions.builder().transport(transport).loops(2).build();
    try (RunDirectory kept = RunDirectory.create("test", Optional.of(directory.resolve("run")))) {
      return LoadRun.run(workload, plan, options, new RunContext(kept, Progress.none(), stop));
    }
  }

  private static EchoWorkload echo(SocketAddress target, int connections) {
    return new EchoWorkload(target, connections, SIZE, 1);
  }

  @ParameterizedTest(name = "{0}, {1} bytes, depth {2}, unix {3}")
  @CsvSource({
    "IO_URING, 64, 1, false",
    "IO_URING, 1, 7, true",
    "IO_URING, 300000, 2, false",
    "EPOLL, 64, 1, true",
    "EPOLL, 5000, 16, false",
    "NIO, 64, 1, false",
    "NIO, 64, 3, true"
  })
  void every_answer_of_an_echo_server_is_what_was_sent(
      Transport transport, int size, int depth, boolean unix) throws Exception {
    try (Engine engine = Engine.start(EngineOptions.builder().loops(1).build());
        Listener listener = Echo.serve(engine, local(unix))) {
      Workload workload = new EchoWorkload(listener.localAddress(), 5, size, depth);
      Result closed = run(workload, SHORT, transport);
      assertGood(closed);
      assertEquals(transport.toString(), closed.transport());
      assertEquals(Latency.SERVICE, closed.latency().kind());
      assertNull(closed.serviceLatency());

      Result open = run(workload, open(200, Arrivals.POISSON, Duration.ofMillis(300)), transport);
      assertGood(open);
      assertEquals(Latency.INTENDED, open.latency().kind());
      assertEquals(Latency.SERVICE, open.serviceLatency().kind());
    }
  }

  private SocketAddress local(boolean unix) {
    return unix
        ? UnixDomainSocketAddress.of(directory.resolve("echo"))
        : new InetSocketAddress("127.0.0.1", 0);
  }

  private static void assertGood(Result result) {
    assertEquals(0, result.errorCount(), result.errors().toString());
    assertTrue(result.requests() > 0);
    assertFalse(result.partial());
    assertTrue(result.good());
  }

  @Test
  void an_open_loop_asks_exactly_as_often_as_its_schedule_says() throws Exception {
    try (HostileServer server = new HostileServer(LoadRunTest::echoing)) {
      // 333.5 a second for two seconds, over connections that do not divide among the loops.
      Result result =
          run(
              echo(server.address(), 3),
              open(333.5, Arrivals.UNIFORM, Duration.ofSeconds(2)),
              Transport.EPOLL);
      assertGood(result);
      assertEquals(667, result.requests(), 1);
    }
  }

  @Test
  void a_stalled_server_cannot_hide_its_stall() throws Exception {
    AtomicInteger answers = new AtomicInteger();
    Object stall = new Object();
    try (HostileServer server =
        new HostileServer(
            client -> {
              byte[] request = new byte[SIZE];
              while (client.getInputStream().readNBytes(request, 0, SIZE) == SIZE) {
                synchronized (stall) {
                  if (answers.incrementAndGet() == 300) {
                    Thread.sleep(1000); // the fault itself, nothing that is waited for
                  }
                }
                client.getOutputStream().write(request);
              }
            })) {
      Result result =
          run(
              echo(server.address(), 4),
              open(500, Arrivals.UNIFORM, Duration.ofSeconds(3)),
              Transport.EPOLL);
      assertGood(result);
      // A third of the requests were due during the stall: only their intended times tell.
      assertTrue(result.latency().p99() > 0.8, result.latency().toString());
      assertTrue(result.latency().p90() > 0.4, result.latency().toString());
      assertTrue(result.serviceLatency().p50() < 0.1, result.serviceLatency().toString());
      assertTrue(result.serviceLatency().max() > 0.9, result.serviceLatency().toString());
    }
  }

  private static void echoOne(java.net.Socket client, int answerBytes) throws IOException {
    byte[] request = client.getInputStream().readNBytes(SIZE);
    if (request.length == SIZE) {
      client.getOutputStream().write(request, 0, answerBytes);
    }
  }

  private static void echoing(java.net.Socket client) throws IOException {
    client.getInputStream().transferTo(client.getOutputStream());
  }

  @Test
  void answers_that_come_byte_by_byte_are_good() throws Exception {
    try (HostileServer server =
        new HostileServer(
            client -> {
              client.setTcpNoDelay(true);
              for (int b = client.getInputStream().read();
                  b >= 0;
                  b = client.getInputStream().read()) {
                client.getOutputStream().write(b);
              }
            })) {
      assertGood(run(new EchoWorkload(server.address(), 2, 33, 3), SHORT, Transport.IO_URING));
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void wrong_bytes_are_a_mismatch(Transport transport) throws Exception {
    try (HostileServer server =
        new HostileServer(
            client -> {
              byte[] request = new byte[SIZE];
              while (client.getInputStream().readNBytes(request, 0, SIZE) == SIZE) {
                request[SIZE - 1] ^= 1;
                client.getOutputStream().write(request);
              }
            })) {
      Result result = run(echo(server.address(), 2), SHORT, transport);
      assertEquals(0, result.requests());
      assertTrue(result.errors().containsKey("mismatch"), result.errors().toString());
      assertFalse(result.good());
    }
  }

  @Test
  void stale_answers_are_a_mismatch() throws Exception {
    try (HostileServer server =
        new HostileServer(
            client -> {
              byte[] first = client.getInputStream().readNBytes(SIZE);
              client.getOutputStream().write(first);
              while (client.getInputStream().readNBytes(SIZE).length == SIZE) {
                client.getOutputStream().write(first);
              }
            })) {
      Result result = run(echo(server.address(), 1), SHORT, Transport.EPOLL);
      assertTrue(result.errors().containsKey("mismatch"), result.errors().toString());
    }
  }

  @Test
  void more_than_was_asked_for_is_an_error() throws Exception {
    try (HostileServer server =
        new HostileServer(
            client -> {
              byte[] answer = new byte[SIZE + 5];
              while (client.getInputStream().readNBytes(answer, 0, SIZE) == SIZE) {
                client.getOutputStream().write(answer);
              }
            })) {
      Result result = run(echo(server.address(), 1), SHORT, Transport.EPOLL);
      assertTrue(result.errorCount() > 0);
      // Which of the two depends on whether the bytes came with the answer or after it.
      assertTrue(
          Set.of("excess", "mismatch").containsAll(result.errors().keySet()),
          result.errors().toString());
    }
  }

  @Test
  void a_connection_that_ends_half_way_is_counted_and_replaced() throws Exception {
    try (HostileServer server =
        new HostileServer(
            client -> {
              for (int i = 0; i < 10; i++) {
                echoOne(client, SIZE);
              }
              echoOne(client, 20);
            })) {
      Result result =
          run(echo(server.address(), 2), closed(Duration.ofSeconds(1)), Transport.EPOLL);
      assertTrue(result.requests() > 20, "replaced: " + result.requests());
      assertTrue(result.errors().get("closed") >= 2, result.errors().toString());
      assertFalse(result.partial());
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void a_target_that_never_answers_does_not_hold_up_the_end(Transport transport) throws Exception {
    try (HostileServer server =
        new HostileServer(client -> client.getInputStream().readAllBytes())) {
      Result result = run(echo(server.address(), 3), SHORT, transport);
      assertEquals(0, result.requests());
      assertEquals(3, result.errors().get("unanswered"));
      assertFalse(result.good());
    }
  }

  @Test
  void a_target_that_dies_leaves_a_partial_result_with_errors_by_kind() throws Exception {
    AtomicInteger answers = new AtomicInteger();
    HostileServer[] self = new HostileServer[1];
    self[0] =
        new HostileServer(
            client -> {
              byte[] request = new byte[SIZE];
              while (client.getInputStream().readNBytes(request, 0, SIZE) == SIZE) {
                client.getOutputStream().write(request);
                if (answers.incrementAndGet() == 3000) {
                  self[0].close();
                }
              }
            });
    RunPlan plan = new RunPlan(Duration.ZERO, Duration.ofSeconds(2), Optional.empty());
    Result result = run(echo(self[0].address(), 2), plan, Transport.IO_URING);
    assertTrue(result.partial());
    assertTrue(result.requests() > 0);
    assertTrue(result.errors().containsKey("ECONNREFUSED"), result.errors().toString());
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void a_target_that_refuses_from_the_start_is_an_error_that_names_it(Transport transport)
      throws Exception {
    HostileServer gone = new HostileServer(client -> {});
    gone.close();
    IoFailure failure =
        assertThrows(IoFailure.class, () -> run(echo(gone.address(), 300), SHORT, transport));
    assertEquals("ECONNREFUSED", failure.kind());
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void connections_are_made_one_after_the_other(Transport transport) throws Exception {
    // Its long backlog matters: a slow accept would overflow a short one, and cost a second a SYN.
    try (Engine engine = Engine.start(EngineOptions.builder().loops(1).build());
        Listener server = Discard.serve(engine, local(false))) {
      Result closed = run(new ConnectWorkload(server.localAddress(), 4), SHORT, transport);
      assertGood(closed);
      assertEquals(0, closed.bytesPerSecond());
      assertGood(
          run(
              new ConnectWorkload(server.localAddress(), 4),
              open(100, Arrivals.UNIFORM, Duration.ofMillis(300)),
              transport));
    }
  }

  @Test
  void an_interruption_ends_the_run_and_marks_the_result() throws Exception {
    Interruption stop = new Interruption();
    AtomicInteger answers = new AtomicInteger();
    try (HostileServer server =
        new HostileServer(
            client -> {
              byte[] request = new byte[SIZE];
              while (client.getInputStream().readNBytes(request, 0, SIZE) == SIZE) {
                client.getOutputStream().write(request);
                if (answers.incrementAndGet() == 100) {
                  stop.request();
                }
              }
            })) {
      RunPlan plan = new RunPlan(Duration.ZERO, Duration.ofHours(1), Optional.empty());
      Result result = run(echo(server.address(), 1), plan, Transport.NIO, stop);
      assertTrue(result.partial());
      assertTrue(result.requests() > 0);
      assertTrue(result.durationSeconds() < 60);
    }
  }

  @Test
  void the_run_directory_tells_the_same_as_the_result() throws Exception {
    try (HostileServer server = new HostileServer(LoadRunTest::echoing)) {
      Result result =
          run(echo(server.address(), 2), closed(Duration.ofMillis(2200)), Transport.EPOLL);
      List<String> intervals = Files.readAllLines(directory.resolve("run/intervals.ndjson"));
      assertEquals(3, intervals.size());
      assertTrue(intervals.getFirst().startsWith("{\"elapsed_seconds\":"), intervals.getFirst());
      HistogramLogReader log =
          new HistogramLogReader(directory.resolve("run/latency.hlog").toFile());
      long logged = 0;
      for (Histogram next = (Histogram) log.nextIntervalHistogram();
          next != null;
          next = (Histogram) log.nextIntervalHistogram()) {
        logged += next.getTotalCount();
      }
      assertEquals(result.requests(), logged);
    }
  }
}
