package dev.headrace.loadgen.metrics;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A file of OpenMetrics text with many moments. The client's writer writes one; here each family is
 * gathered in a file of its own, since the format wants a family's samples in one piece.
 */
final class OpenMetricsFile implements AutoCloseable {
  private static final String END = "# EOF\n";

  private final OpenMetricsTextFormatWriter format = OpenMetricsTextFormatWriter.create();
  private final Path parts;
  private final Map<String, BufferedWriter> families = new LinkedHashMap<>();

  /** Gathers beside the file that is to be. */
  OpenMetricsFile(Path directory) throws IOException {
    parts = Files.createTempDirectory(directory, ".openmetrics");
  }

  void add(MetricSnapshots moment) throws IOException {
    for (MetricSnapshot family : moment) {
      String name = family.getMetadata().getName();
      boolean known = families.containsKey(name);
      if (!known) {
        families.put(name, Files.newBufferedWriter(parts.resolve(name)));
      }
      write(family, known, families.get(name));
    }
  }

  /** The lines that describe a family stand once, before its first sample. */
  private void write(MetricSnapshot family, boolean known, Writer into) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    format.write(text, MetricSnapshots.of(family), EscapingScheme.UNDERSCORE_ESCAPING);
    for (String line : (Iterable<String>) text.toString(StandardCharsets.UTF_8).lines()::iterator) {
      boolean describes = line.startsWith("#");
      if (!describes || !known && !line.equals(END.strip())) {
        into.write(line);
        into.write('\n');
      }
    }
  }

  /** Writes the file. */
  void writeTo(Path path) throws IOException {
    try (OutputStream out = Files.newOutputStream(path)) {
      for (Map.Entry<String, BufferedWriter> family : families.entrySet()) {
        family.getValue().close();
        Files.copy(parts.resolve(family.getKey()), out);
      }
      out.write(END.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() throws IOException {
    for (Map.Entry<String, BufferedWriter> family : families.entrySet()) {
      family.getValue().close();
      Files.deleteIfExists(parts.resolve(family.getKey()));
    }
    Files.deleteIfExists(parts);
  }
}
