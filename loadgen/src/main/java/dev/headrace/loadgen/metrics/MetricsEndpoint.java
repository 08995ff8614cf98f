package dev.headrace.loadgen.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.headrace.loadgen.Address;
import dev.headrace.loadgen.Interruption;
import dev.headrace.loadgen.Session;
import dev.headrace.loadgen.report.Figures;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * {@code http://HOST:PORT/metrics} for Prometheus. Everything is read when it is asked for, by the
 * thread that is asked: a run that nobody scrapes pays nothing.
 */
public final class MetricsEndpoint implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.headrace");

  static {
    // Who asks for half a page, or does not read it, must not use up the descriptors of a server.
    System.setProperty("jdk.httpserver.maxConnections", "64");
    System.setProperty("sun.net.httpserver.maxReqTime", "10");
    System.setProperty("sun.net.httpserver.maxRspTime", "10");
  }

  /** How long the last scrape is waited for, where there was one before. */
  private static final Duration DEFAULT_LINGER = Duration.ofSeconds(15);

  private static final String PATH = "/metrics";
  private static final String GET = "GET";
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final HttpServer server;
  private final String host;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile MultiCollector shown = MetricSnapshots::new;
  private volatile boolean ended;
  private volatile boolean scraped;
  private volatile boolean scrapedAtEnd;

  private MetricsEndpoint(HttpServer server, String host) {
    this.server = server;
    this.host = host;
  }

  /** One that nobody can ask. */
  public static MetricsEndpoint none() {
    return new MetricsEndpoint(null, null);
  }

  /**
   * Starts it; it has nothing to tell until {@link #show}.
   *
   * @param address of TCP; port 0 takes a free one
   * @throws IOException when it cannot listen there; the message names who does, where that is a
   *     run of Headrace
   */
  public static MetricsEndpoint open(Address address) throws IOException {
    InetSocketAddress local = resolve(address);
    try {
      MetricsEndpoint endpoint = new MetricsEndpoint(HttpServer.create(local, 0), address.host());
      endpoint.start();
      return endpoint;
    } catch (BindException e) {
      throw new IOException("--metrics " + address.text() + ": " + reason(local, e), e);
    }
  }

  private static InetSocketAddress resolve(Address address) throws IOException {
    try {
      return (InetSocketAddress) address.resolve();
    } catch (IOException e) {
      throw new IOException("--metrics: " + e.getMessage(), e);
    }
  }

  private static String reason(InetSocketAddress local, BindException failure) {
    if (failure.getMessage().contains("denied")) {
      return failure.getMessage() + ": take a port from 1024 on";
    }
    if (!failure.getMessage().contains("in use")) {
      return failure.getMessage() + ": name an address of this host";
    }
    return TakenPort.runAt(local)
            .map(run -> "run " + run + " has its endpoint there")
            .orElse("another process listens there")
        + ": take another port, or 0 for a free one";
  }

  private void start() {
    server.createContext(PATH, this::handle);
    server.setExecutor(threads);
    server.start();
  }

  /**
   * A scrape is a GET of everything: what asks for a few names only, such as {@link TakenPort}, has
   * not seen the numbers.
   */
  private void handle(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    if (!exchange.getRequestURI().getPath().equals(PATH)) {
      refuse(exchange, HttpURLConnection.HTTP_NOT_FOUND);
    } else if (!method.equals(GET) && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      refuse(exchange, HttpURLConnection.HTTP_BAD_METHOD);
    } else {
      String query = exchange.getRequestURI().getQuery();
      boolean all = method.equals(GET) && (query == null || !query.contains("name[]"));
      boolean atEnd = ended;
      if (answer(exchange) && all) {
        scraped = true;
        scrapedAtEnd = scrapedAtEnd || atEnd;
      }
    }
  }

  /** Whether it went well. The library would show a stack trace to whoever asks. */
  private boolean answer(HttpExchange exchange) throws IOException {
    MetricSnapshots seen;
    try {
      seen = shown.collect();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "metrics: a scrape failed: " + e);
      refuse(exchange, HttpURLConnection.HTTP_INTERNAL_ERROR);
      return false;
    }
    PrometheusRegistry registry = new PrometheusRegistry();
    registry.register((MultiCollector) () -> seen);
    new MetricsHandler(registry).handle(exchange);
    return true;
  }

  private static void refuse(HttpExchange exchange, int status) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(status, -1);
    }
  }

  /** Where it is, as it was asked for; empty where nobody can ask. */
  public Optional<String> url() {
    return Optional.ofNullable(server)
        .map(
            listening ->
                "http://"
                    + (host.contains(":") ? '[' + host + ']' : host)
                    + ':'
                    + listening.getAddress().getPort()
                    + PATH);
  }

  /** Tells of this from now on. */
  public void show(RunLabels labels, Source source) {
    shown =
        () -> {
          Families families = Families.now(labels);
          source.addTo(families);
          return families.snapshots();
        };
  }

  /**
   * The run is over: waits until a scrape has seen its last numbers.
   *
   * @param atMost how long; without it {@link #DEFAULT_LINGER} where there was a scrape before, and
   *     not at all where there was none
   * @param session is told, and ends the waiting
   */
  public void linger(Optional<Duration> atMost, Session session) {
    ended = true;
    Duration patience = atMost.orElse(scraped ? DEFAULT_LINGER : Duration.ZERO);
    Interruption stop = session.stop();
    if (server == null || patience.isZero() || stop.isRequested()) {
      return;
    }
    String time = Figures.time(patience.toNanos() / 1e9);
    session.err().println("metrics: waiting up to " + time + " for a last scrape; Ctrl-C ends it");
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    while (!scrapedAtEnd
        && System.nanoTime() - deadlineNanos < 0
        && !stop.awaitUntil(System.nanoTime() + LOOK_AGAIN_NANOS)) {
      // As long as nobody has come.
    }
  }

  @Override
  public void close() {
    if (server != null) {
      server.stop(0);
    }
    threads.close();
  }
}
