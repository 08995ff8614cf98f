package dev.headrace.loadgen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessTest {
  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void a_server_ends_with_status_0_on_a_signal(String signal) throws Exception {
    try (Child server =
        Child.start(directory, "serve", "echo", "--bind", "127.0.0.1:0", "--loops", "1")) {
      String address = server.listening();
      assertTrue(address.startsWith("127.0.0.1:"), address);
      int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
      try (Socket client = new Socket("127.0.0.1", port)) {
        client.getOutputStream().write(42);
        assertEquals(42, client.getInputStream().read());
      }
      server.signal(signal);
      assertEquals(0, server.status());
      assertEquals("", server.errors());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"echo", "udp"})
  void a_service_on_tasks_is_measured_and_drains(String service) throws Exception {
    try (Child server =
        Child.start(
            directory,
            "serve",
            service,
            "--bind",
            "127.0.0.1:0",
            "--loops",
            "1",
            "--api",
            "stream")) {
      Command load =
          Command.run(
              ("load "
                      + service
                      + " --json --connections 4 --warmup 0s --duration 300ms --loops 1 --out "
                      + directory.resolve("run")
                      + " --target "
                      + server.listening())
                  .split(" "));
      assertEquals(0, load.status(), load.err());
      assertTrue(CommandLineTest.OneDocument.of(load.out()).get("requests").asLong() > 0);
      server.signal("TERM");
      assertEquals(0, server.status());
      assertEquals("", server.errors());
    }
  }

  @Test
  void a_socket_on_another_transport_than_the_engines_says_so() throws Exception {
    try (Child server =
        Child.start(
            directory,
            "serve",
            "echo",
            "--bind",
            "unix:" + directory.resolve("s"),
            "--transport",
            "nio",
            "--api",
            "stream")) {
      String line = server.line();
      assertTrue(line.contains(" transport=epoll "), line);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void an_interrupted_load_writes_what_it_has_marked_partial(String signal) throws Exception {
    try (HostileServer echo =
            new HostileServer(
                client -> client.getInputStream().transferTo(client.getOutputStream()));
        Child load =
            Child.start(
                directory,
                ("load echo --json --warmup 0s --duration 1h --connections 2 --loops 1 --out run"
                        + " --target 127.0.0.1:"
                        + echo.address().getPort())
                    .split(" "))) {
      Path intervals = directory.resolve("run/intervals.ndjson");
      while (!Files.exists(intervals) || Files.size(intervals) == 0) {
        Thread.onSpinWait();
      }
      load.signal(signal);
      JsonNode printed = CommandLineTest.OneDocument.of(load.rest());
      assertEquals(1, load.status());
      assertTrue(printed.get("partial").asBoolean());
      assertTrue(printed.get("requests").asLong() > 0);
      assertEquals(
          printed, new ObjectMapper().readTree(directory.resolve("run/result.json").toFile()));
      assertTrue(load.errors().contains("headrace: interrupted"), load.errors());
    }
  }

  @Test
  void a_privileged_port_is_refused_with_the_remedy() throws Exception {
    assumeTrue(firstFreePort() > 81, "port 81 is anybody's here");
    boolean root = "root".equals(System.getProperty("user.name"));
    assumeTrue(!root || Files.isExecutable(Path.of("/usr/bin/setpriv")), "setpriv is missing");
    List<String> powerless =
        root ? List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all") : List.of();
    try (Child server =
        Child.startUnder(powerless, directory, "serve", "echo", "--bind", "127.0.0.1:81")) {
      assertEquals(1, server.status());
      String complaint = server.errors();
      assertTrue(complaint.contains("take a higher port"), complaint);
      assertEquals(1, complaint.lines().count(), complaint);
      assertFalse(complaint.contains("\tat "), complaint);
    }
  }

  /** Not by Files.readString: it reads a byte first, and these files have no second part. */
  private static int firstFreePort() throws IOException {
    Path file = Path.of("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    try (InputStream in = Files.newInputStream(file)) {
      return Integer.parseInt(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip());
    }
  }

  @Test
  void what_a_held_connection_costs_a_server_of_ours_is_told() throws Exception {
    try (Child server =
        Child.start(directory, "serve", "echo", "--bind", "127.0.0.1:0", "--loops", "1")) {
      Command load =
          Command.run(
              ("load connect --json --hold 40 --duration 1ms --loops 1 --out "
                      + directory.resolve("run")
                      + " --target "
                      + server.listening())
                  .split(" "));
      assertEquals(0, load.status(), load.err());
      JsonNode result = CommandLineTest.OneDocument.of(load.out());
      assertEquals(40, result.get("hold").get("connections").asInt());
      assertEquals(40, result.get("requests").asInt());
      assertTrue(result.get("hold").has("server_bytes_per_connection"), load.out());
      assertTrue(result.has("server_cpu_seconds"), load.out());
    }
  }

  @Test
  void what_a_held_pair_costs_a_proxy_of_ours_is_told() throws Exception {
    try (Child backend =
            Child.start(directory, "serve", "echo", "--bind", "127.0.0.1:0", "--loops", "1");
        Child proxy =
            Child.start(
                directory,
                "serve",
                "proxy",
                "--bind",
                "127.0.0.1:0",
                "--loops",
                "1",
                "--upstream",
                backend.listening())) {
      Command load =
          Command.run(
              ("load connect --json --hold 40 --duration 1ms --loops 1 --out "
                      + directory.resolve("run")
                      + " --target "
                      + proxy.listening())
                  .split(" "));
      assertEquals(0, load.status(), load.err());
      JsonNode result = CommandLineTest.OneDocument.of(load.out());
      assertEquals(40, result.get("hold").get("connections").asInt());
      assertTrue(result.get("hold").has("server_bytes_per_connection"), load.out());
      assertTrue(result.get("warnings").isEmpty(), load.out());
    }
  }

  @Test
  void a_target_that_is_killed_leaves_a_partial_result() throws Exception {
    try (Child server =
        Child.start(directory, "serve", "echo", "--bind", "127.0.0.1:0", "--loops", "1")) {
      String target = server.listening();
      Path intervals = directory.resolve("run/intervals.ndjson");
      Thread killer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!Files.exists(intervals) || intervals.toFile().length() == 0) {
                      Thread.yield();
                    }
                    server.kill();
                  });
      Command load =
          Command.run(
              ("load echo --json --warmup 0s --duration 3s --connections 4 --out "
                      + directory.resolve("run")
                      + " --target "
                      + target)
                  .split(" "));
      killer.join();
      assertEquals(1, load.status(), load.err());
      JsonNode result = CommandLineTest.OneDocument.of(load.out());
      assertTrue(result.get("partial").asBoolean());
      assertTrue(result.get("requests").asLong() > 0);
      assertTrue(result.get("errors").has("ECONNREFUSED"), load.out());
    }
  }

  @Test
  void datagrams_are_served_and_measured_and_the_server_drains() throws Exception {
    try (Child server =
        Child.start(directory, "serve", "udp", "--bind", "127.0.0.1:0", "--loops", "1")) {
      Command load =
          Command.run(
              ("load udp --json --connections 4 --warmup 0s --duration 300ms --loops 1 --out "
                      + directory.resolve("run")
                      + " --target "
                      + server.listening())
                  .split(" "));
      assertEquals(0, load.status(), load.err());
      JsonNode result = CommandLineTest.OneDocument.of(load.out());
      assertEquals("udp", result.get("workload").asText());
      assertEquals(1, result.get("config").get("timeout_seconds").asInt());
      assertTrue(result.has("server_cpu_seconds"), load.out());
      server.signal("TERM");
      assertEquals(0, server.status());
      assertEquals("", server.errors());
    }
  }

  @Test
  void a_path_is_served_and_got() throws Exception {
    try (Child server =
        Child.start(directory, "serve", "http", "--bind", "127.0.0.1:0", "--loops", "1")) {
      String target = server.listening();
      Command load =
          Command.run(
              ("load http --json --connections 4 --depth 3 --path /bytes/10 --warmup 0s"
                      + " --duration 300ms --loops 1 --out "
                      + directory.resolve("run")
                      + " --target "
                      + target)
                  .split(" "));
      assertEquals(0, load.status(), load.err());
      JsonNode result = CommandLineTest.OneDocument.of(load.out());
      assertEquals("http", result.get("workload").asText());
      assertEquals("/bytes/10", result.get("config").get("path").asText());
      assertEquals(0, result.get("errors").size(), load.out());
      assertEquals(
          result.get("requests_per_second").asDouble() * 10,
          result.get("bytes_per_second").asDouble(),
          1);
      Command missing =
          Command.run(
              ("load http --warmup 0s --duration 100ms --path /none --out "
                      + directory.resolve("missing")
                      + " --target "
                      + target)
                  .split(" "));
      assertEquals(1, missing.status());
      assertTrue(missing.err().contains("http_404"), missing.err());
      server.signal("TERM");
      assertEquals(0, server.status());
      assertEquals("", server.errors());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"io_uring", "epoll", "nio"})
  void the_files_of_a_directory_are_served(String transport) throws Exception {
    Path root = Files.createDirectory(directory.resolve("www"));
    Files.write(root.resolve("page.bin"), new byte[100_000]);
    try (Child server =
        Child.start(
            directory,
            ("serve http --bind 127.0.0.1:0 --loops 1 --transport " + transport + " --root " + root)
                .split(" "))) {
      Command load =
          Command.run(
              ("load http --json --connections 4 --path /page.bin --warmup 1s --duration 1s"
                      + " --loops 1 --out "
                      + directory.resolve("run")
                      + " --target "
                      + server.listening())
                  .split(" "));
      assertEquals(0, load.status(), load.err());
      JsonNode result = CommandLineTest.OneDocument.of(load.out());
      assertEquals(0, result.get("errors").size(), load.out());
      assertEquals(
          result.get("requests_per_second").asDouble() * 100_000,
          result.get("bytes_per_second").asDouble(),
          1000);
      server.signal("TERM");
      assertEquals(0, server.status());
      assertEquals("", server.errors());
    }
  }
}
