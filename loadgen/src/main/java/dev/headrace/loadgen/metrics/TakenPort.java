package dev.headrace.loadgen.metrics;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who has a port that an endpoint was to have: whatever listens there is not trusted. */
final class TakenPort {
  private static final Pattern RUN =
      Pattern.compile("headrace_run_info\\{[^}]*\\brun=\"([\\w.-]{1,100})\"");
  private static final int PATIENCE_MILLIS = 1000;
  private static final int MOST_BYTES = 1 << 16;

  private TakenPort() {}

  /**
   * The run of Headrace that answers there within a second; empty where something else does, or
   * nothing.
   */
  static Optional<String> runAt(InetSocketAddress address) {
    HttpClient http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();
    try {
      String text =
          http.sendAsync(
                  HttpRequest.newBuilder(metrics(address)).build(),
                  BodyHandlers.limiting(BodyHandlers.ofString(), MOST_BYTES))
              .get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
              .body();
      Matcher run = RUN.matcher(text);
      return run.find() ? Optional.of(run.group(1)) : Optional.empty();
    } catch (ExecutionException | TimeoutException | URISyntaxException somethingElse) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      http.shutdownNow();
    }
  }

  private static URI metrics(InetSocketAddress address) throws URISyntaxException {
    return new URI(
        "http",
        null,
        address.getAddress().getHostAddress(),
        address.getPort(),
        "/metrics",
        "name[]=headrace_run_info",
        null);
  }
}
