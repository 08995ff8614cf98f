package dev.headrace.micrometer;

import static java.util.stream.Collectors.toMap;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.headrace.Engine;
import dev.headrace.EngineStats;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.fixture.Rig;
import dev.headrace.fixture.Wire;
import dev.headrace.service.Echo;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}")
@MethodSource("dev.headrace.fixture.Place#transports")
@Timeout(60)
class EngineMetricsTest {
  @RegisterExtension final Rig rig = new Rig();
  private final Transport transport;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private Engine engine;

  EngineMetricsTest(Transport transport) {
    this.transport = transport;
  }

  @BeforeEach
  void start() {
    engine = rig.start(transport);
  }

  private void echo(SocketAddress server, int clients) throws IOException {
    for (int i = 0; i < clients; i++) {
      SocketChannel client = rig.closeLater(Wire.connect(server));
      Wire.send(client, new byte[10]);
      Wire.read(client, 10);
    }
  }

  /** Of all meters of a name, whatever their other tags. */
  private double sum(String name, String... tags) {
    return registry.find(name).tags(tags).meters().stream()
        .mapToDouble(EngineMetricsTest::value)
        .sum();
  }

  private static double value(Meter meter) {
    return meter.measure().iterator().next().getValue();
  }

  @Test
  void prometheusSeesTheNamesThatACommandsOwnEndpointHas() {
    PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new EngineMetrics(engine).bindTo(prometheus);
    Map<String, String> types =
        prometheus
            .scrape()
            .lines()
            .filter(line -> line.startsWith("# TYPE "))
            .map(line -> line.split(" "))
            .collect(toMap(words -> words[2], words -> words[3], (a, b) -> a, TreeMap::new));
    Map<String, String> expected = new TreeMap<>();
    Stream.of(
            "headrace_accept_failures_total",
            "headrace_accepted_connections_total",
            "headrace_closed_connections_total",
            "headrace_connected_connections_total",
            "headrace_datagram_failures_total",
            "headrace_file_operations_by_threads_total",
            "headrace_file_operations_total",
            "headrace_file_operations_waited_total",
            "headrace_hogs_total",
            "headrace_loop_busy_seconds_total",
            "headrace_loop_completions_total",
            "headrace_loop_tasks_total",
            "headrace_loop_turns_total",
            "headrace_pool_overflows_total",
            "headrace_pool_refusals_total")
        .forEach(name -> expected.put(name, "counter"));
    Stream.of(
            "headrace_file_operations_in_flight",
            "headrace_file_operations_peak",
            "headrace_loop_longest_task_seconds",
            "headrace_loop_longest_turn_seconds",
            "headrace_open_connections",
            "headrace_open_tasks",
            "headrace_pool_buffer_limit",
            "headrace_pool_buffer_size_bytes",
            "headrace_pool_buffers",
            "headrace_pool_buffers_peak")
        .forEach(name -> expected.put(name, "gauge"));
    if (transport == Transport.IO_URING) {
      expected.put("headrace_ring_receives_without_buffer_total", "counter");
      expected.put("headrace_ring_submissions_total", "counter");
    }
    assertEquals(expected, types);
  }

  @Test
  void metersSayWhatTheEnginesStatisticsSayLoopByLoop() throws Exception {
    new EngineMetrics(engine).bindTo(registry);
    System.gc(); // a registry holds what its counters count by weak references
    echo(Echo.serve(engine, Wire.ANY_PORT).localAddress(), 7);
    Await.until("all are counted", () -> sum("headrace.accepted.connections") == 7);
    assertEquals(7, sum("headrace.open.connections"));
    for (EngineStats.Loop loop : engine.stats().loops()) {
      String[] tags = {"loop", loop.name(), "transport", transport.toString()};
      assertEquals(loop.accepted(), sum("headrace.accepted.connections", tags));
      assertEquals(loop.pool().limit(), sum("headrace.pool.buffer.limit", tags));
      assertTrue(sum("headrace.loop.turns", tags) > 0);
      Await.until(
          "its time is in seconds",
          () -> {
            double busySeconds = sum("headrace.loop.busy", tags);
            return busySeconds > 0 && busySeconds < loop.busyNanos();
          });
    }
  }

  @Test
  void theMetersOfALoopThatIsStartedLaterComeWithIt() {
    assumeTrue(engine.hasEpoll() && transport != Transport.EPOLL, "there are none besides");
    new EngineMetrics(engine).bindTo(registry);
    assertEquals(2, registry.find("headrace.loop.turns").meters().size());
    engine.epoll().loop();
    Await.until(
        "they are there",
        () -> {
          sum("headrace.hogs"); // who publishes asks for all
          return registry.find("headrace.loop.turns").meters().size() == 4;
        });
    assertEquals(2, registry.find("headrace.loop.turns").tag("transport", "epoll").meters().size());
  }

  @Test
  void twoEnginesInOneRegistryAreToldApartByTheirTags() throws Exception {
    Engine other = rig.start(transport);
    new EngineMetrics(engine, Tags.of("engine", "front")).bindTo(registry);
    new EngineMetrics(other, Tags.of("engine", "back")).bindTo(registry);
    echo(Echo.serve(other, Wire.ANY_PORT).localAddress(), 3);
    Await.until(
        "they are counted", () -> sum("headrace.accepted.connections", "engine", "back") == 3);
    assertEquals(0, sum("headrace.accepted.connections", "engine", "front"));
  }
}
