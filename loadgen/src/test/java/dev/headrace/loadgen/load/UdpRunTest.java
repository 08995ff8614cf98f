package dev.headrace.loadgen.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.Listener;
import dev.headrace.Transport;
import dev.headrace.loadgen.HostileDatagrams;
import dev.headrace.loadgen.Interruption;
import dev.headrace.loadgen.report.Latency;
import dev.headrace.loadgen.report.Progress;
import dev.headrace.loadgen.report.Result;
import dev.headrace.loadgen.report.RunDirectory;
import dev.headrace.service.UdpEcho;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class UdpRunTest {
  private static final Duration SOON = Duration.ofMillis(100);
  private static final Duration PATIENT = Duration.ofSeconds(20);
  private static final RunPlan SHORT =
      new RunPlan(Duration.ofMillis(50), Duration.ofMillis(300), Optional.empty());

  @TempDir Path directory;

  private Result run(Workload workload, RunPlan plan, Transport transport) throws IOException {
    EngineOptions options = EngineOptions.builder().transport(transport).loops(2).build();
    try (RunDirectory kept = RunDirectory.create("test", Optional.of(directory.resolve("run")))) {
      return LoadRun.run(
          workload, plan, options, new RunContext(kept, Progress.none(), new Interruption()));
    }
  }

  private Result run(HostileDatagrams.Behaviour behaviour, Duration timeout) throws IOException {
    try (HostileDatagrams server = new HostileDatagrams(behaviour)) {
      return run(new UdpWorkload(server.address(), 3, 64, 1, timeout), SHORT, Transport.AUTO);
    }
  }

  @ParameterizedTest(name = "{0}, {1} bytes, depth {2}, from {3}")
  @CsvSource({
    "IO_URING, 64, 1, 127.0.0.1",
    "IO_URING, 65507, 1, 127.0.0.1",
    "IO_URING, 16, 7, ::1",
    "EPOLL, 64, 5, ::1",
    "EPOLL, 65507, 1, 127.0.0.1",
    "NIO, 16, 1, 127.0.0.1",
    "NIO, 65507, 1, 127.0.0.1"
  })
  void every_answer_is_what_was_sent(Transport transport, int size, int depth, String host)
      throws Exception {
    try (Engine engine = Engine.start(EngineOptions.builder().loops(1).build());
        Listener listener = UdpEcho.serve(engine, new InetSocketAddress(host, 0))) {
      InetSocketAddress target = (InetSocketAddress) listener.localAddress();
      // Few enough that no receive buffer overflows: a loss would be an error.
      Workload workload = new UdpWorkload(target, 2, size, depth, PATIENT);
      Result closed = run(workload, SHORT, transport);
      assertGood(closed);
      assertEquals(closed.requestsPerSecond() * size, closed.bytesPerSecond(), size);
      RunPlan open =
          new RunPlan(
              Duration.ofMillis(50),
              Duration.ofMillis(300),
              Optional.of(new RunPlan.Pace(200, Arrivals.POISSON)));
      Result paced = run(workload, open, transport);
      assertGood(paced);
      assertEquals(Latency.INTENDED, paced.latency().kind());
    }
  }

  private static void assertGood(Result result) {
    assertEquals(Map.of(), result.errors());
    assertTrue(result.good());
  }

  @Test
  void what_is_lost_is_a_timeout_and_the_rest_is_good() throws Exception {
    int[] seen = {0};
    Result result =
        run(
            (socket, request) -> {
              if (++seen[0] % 5 != 0) {
                socket.send(request);
              }
            },
            SOON);
    assertEquals(Set.of("timeout"), result.errors().keySet());
    assertTrue(result.good());
    assertTrue(result.latency().max() < 0.1, "a lost one is in no latency");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void a_silent_target_gives_only_timeouts_and_ends_the_run(Transport transport) throws Exception {
    try (HostileDatagrams server = new HostileDatagrams((socket, request) -> {})) {
      Result result = run(new UdpWorkload(server.address(), 3, 64, 2, SOON), SHORT, transport);
      assertEquals(0, result.requests());
      assertEquals(Set.of("timeout"), result.errors().keySet());
      assertTrue(result.errorCount() >= 6, result.errors().toString());
      assertFalse(result.good());
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void a_port_that_nobody_has_is_refused(Transport transport) throws Exception {
    HostileDatagrams gone = new HostileDatagrams((socket, request) -> {});
    InetSocketAddress nobody = gone.address();
    gone.close();
    Result result = run(new UdpWorkload(nobody, 3, 64, 2, PATIENT), SHORT, transport);
    assertEquals(0, result.requests());
    assertEquals(Set.of("ECONNREFUSED"), result.errors().keySet());
    assertFalse(result.good());
  }

  @Test
  void a_target_that_comes_back_is_asked_again() throws Exception {
    HostileDatagrams gone = new HostileDatagrams((socket, request) -> {});
    InetSocketAddress address = gone.address();
    gone.close();
    Path intervals = directory.resolve("run/intervals.ndjson");
    CompletableFuture<HostileDatagrams> back =
        CompletableFuture.supplyAsync(
            () -> {
              while (intervals.toFile().length() == 0) {
                Thread.yield();
              }
              return echoAt(address);
            });
    RunPlan plan = new RunPlan(Duration.ZERO, Duration.ofSeconds(4), Optional.empty());
    Result result = run(new UdpWorkload(address, 2, 64, 1, SOON), plan, Transport.AUTO);
    back.get().close();
    assertTrue(result.errors().containsKey("ECONNREFUSED"), result.errors().toString());
    assertTrue(result.good(), "asked again: " + result.requests());
  }

  private static HostileDatagrams echoAt(InetSocketAddress address) {
    try {
      return new HostileDatagrams(address, (socket, request) -> socket.send(request));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void answers_that_come_twice_are_counted_and_ignored() throws Exception {
    Result result =
        run(
            (socket, request) -> {
              socket.send(request);
              socket.send(request);
            },
            PATIENT);
    assertGood(result);
    assertTrue(
        result.warnings().stream().anyMatch(warning -> warning.contains("late or twice")),
        result.warnings().toString());
  }

  @ParameterizedTest
  @CsvSource({"16, mismatch", "63, mismatch", "8, excess", "0, excess"})
  void a_wrong_byte_is_an_error(int at, String kind) throws Exception {
    Result result =
        run(
            (socket, request) -> {
              request.getData()[at] ^= (byte) 0x80;
              socket.send(request);
            },
            SOON);
    assertEquals(0, result.requests());
    assertTrue(result.errors().containsKey(kind), result.errors().toString());
  }

  @ParameterizedTest
  @CsvSource({"63, mismatch", "65, mismatch", "3, excess"})
  void an_answer_of_another_length_is_an_error(int length, String kind) throws Exception {
    Result result =
        run(
            (socket, request) -> {
              request.setLength(length);
              socket.send(request);
            },
            SOON);
    assertEquals(0, result.requests());
    assertTrue(result.errors().containsKey(kind), result.errors().toString());
  }

  @Test
  void what_is_outstanding_is_found_in_any_order_and_given_up_by_its_age() {
    Random random = new Random(11);
    Outstanding outstanding = new Outstanding(7);
    Map<Long, Long> model = new HashMap<>();
    for (long now = 0; now < 50_000; now++) {
      if (outstanding.hasRoom() && random.nextInt(3) > 0) {
        assertEquals(null, model.put(outstanding.add(now, now), now), "numbers are used once");
      } else if (!model.isEmpty() && random.nextInt(20) > 0) {
        long any = model.keySet().stream().skip(random.nextInt(model.size())).findFirst().get();
        assertTrue(outstanding.contains(any));
        assertEquals(model.remove(any), outstanding.sentNanos(any));
        outstanding.remove(any);
        assertFalse(outstanding.contains(any));
      } else {
        long limit = now - 30;
        int before = model.size();
        model.values().removeIf(sent -> sent < limit);
        assertEquals(before - model.size(), outstanding.removeSentBefore(limit));
      }
      assertEquals(model.size(), outstanding.count());
    }
    assertFalse(outstanding.wasSent(-1));
    assertFalse(outstanding.wasSent(Long.MAX_VALUE));
  }
}
