package dev.headrace.loadgen.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What listens on a port may be anything. */
@Timeout(30)
class TakenPortTest {
  private static final String INFO = "headrace_run_info{api=\"handler\",run=\"%s\"} 1\n";

  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Optional<String> found(HttpHandler handler) {
    server.createContext("/metrics", handler);
    return TakenPort.runAt(server.getAddress());
  }

  private static void answer(HttpExchange exchange, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Test
  void a_run_is_named() {
    assertEquals(
        Optional.of("20260101-echo.1"),
        found(exchange -> answer(exchange, INFO.formatted("20260101-echo.1"))));
  }

  @Test
  void a_name_that_no_run_has_is_not_told() {
    assertEquals(
        Optional.empty(), found(exchange -> answer(exchange, INFO.formatted("a\u001b[2Jb"))));
  }

  @Test
  void a_name_without_end_is_not_told() {
    assertEquals(
        Optional.empty(), found(exchange -> answer(exchange, INFO.formatted("a".repeat(101)))));
  }

  @Test
  void an_answer_without_end_is_not_read() {
    assertEquals(
        Optional.empty(),
        found(exchange -> answer(exchange, INFO.formatted("run") + "#".repeat(1 << 20))));
  }

  @Test
  void who_answers_byte_by_byte_is_given_up() {
    assertEquals(
        Optional.empty(),
        found(
            exchange -> {
              exchange.sendResponseHeaders(200, 0);
              try (OutputStream body = exchange.getResponseBody()) {
                while (true) { // until the client has gone
                  body.write('#');
                  body.flush();
                  LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
                }
              }
            }));
  }

  @Test
  void nobody_is_followed_elsewhere() {
    server.createContext("/other", exchange -> answer(exchange, INFO.formatted("run")));
    assertEquals(
        Optional.empty(),
        found(
            exchange -> {
              exchange.getResponseHeaders().set("Location", "/other");
              exchange.sendResponseHeaders(302, -1);
              exchange.close();
            }));
  }
}
