package dev.headrace.loadgen.metrics;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Who has a port that an endpoint was to have. */
final class TakenPort {
  private static final Pattern RUN =
      Pattern.compile("headrace_run_info\\{[^}]*\\brun=\"([^\"]+)\"");
  private static final int PATIENCE_MILLIS = 1000;
  private static final int MOST_BYTES = 1 << 16;

  private TakenPort() {}

  /** The run of Headrace that answers there; empty where something else does, or nothing. */
  static Optional<String> runAt(InetSocketAddress address) {
    try {
      URI metrics =
          new URI(
              "http",
              null,
              address.getAddress().getHostAddress(),
              address.getPort(),
              "/metrics",
              "name[]=headrace_run_info",
              null);
      HttpURLConnection asked = (HttpURLConnection) metrics.toURL().openConnection();
      asked.setConnectTimeout(PATIENCE_MILLIS);
      asked.setReadTimeout(PATIENCE_MILLIS);
      try (InputStream answer = asked.getInputStream()) {
        String text = new String(answer.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
        Matcher run = RUN.matcher(text);
        return run.find() ? Optional.of(run.group(1)) : Optional.empty();
      } finally {
        asked.disconnect();
      }
    } catch (IOException | java.net.URISyntaxException somethingElse) {
      return Optional.empty();
    }
  }
}
