package dev.headrace.loadgen.metrics;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of OpenMetrics text with many moments. The client's writer writes one; the format wants
 * the samples of a family in one piece, and in it those of each set of labels. So each set is
 * gathered in a file of its own, which are put together in the end.
 */
final class OpenMetricsFile implements AutoCloseable {
  private static final String END = "# EOF\n";

  private final OpenMetricsTextFormatWriter format = OpenMetricsTextFormatWriter.create();
  private final Path directory;
  private final List<Part> parts = new ArrayList<>();
  private final Map<String, Family> families = new LinkedHashMap<>();

  /** The lines that describe a family, and its samples by their labels. */
  private record Family(StringBuilder description, Map<String, Part> parts) {}

  private record Part(Path path, BufferedWriter writer) {}

  /** Gathers beside the file that is to be. */
  OpenMetricsFile(Path directory) throws IOException {
    this.directory = Files.createTempDirectory(directory, ".openmetrics");
  }

  void add(MetricSnapshots moment) throws IOException {
    for (MetricSnapshot snapshot : moment) {
      String name = snapshot.getMetadata().getName();
      boolean described = families.containsKey(name);
      Family family =
          families.computeIfAbsent(
              name, unused -> new Family(new StringBuilder(), new LinkedHashMap<>()));
      for (String line : text(snapshot)) {
        if (!line.startsWith("#")) {
          part(family, line).writer().write(line + '\n');
        } else if (!described && !line.equals(END.strip())) {
          family.description().append(line).append('\n');
        }
      }
    }
  }

  private List<String> text(MetricSnapshot snapshot) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    format.write(text, MetricSnapshots.of(snapshot), EscapingScheme.UNDERSCORE_ESCAPING);
    return text.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private Part part(Family family, String sample) throws IOException {
    String labels = sample.substring(sample.indexOf('{'), sample.lastIndexOf('}'));
    String set = labels.replaceFirst(",le=\"[^\"]*\"$", ""); // the buckets of one histogram
    Part part = family.parts().get(set);
    if (part == null) {
      Path path = directory.resolve("part-" + parts.size());
      part = new Part(path, Files.newBufferedWriter(path));
      parts.add(part);
      family.parts().put(set, part);
    }
    return part;
  }

  /** Writes the file. */
  void writeTo(Path path) throws IOException {
    for (Part part : parts) {
      part.writer().flush();
    }
    try (OutputStream out = Files.newOutputStream(path)) {
      for (Family family : families.values()) {
        out.write(family.description().toString().getBytes(StandardCharsets.UTF_8));
        for (Part part : family.parts().values()) {
          Files.copy(part.path(), out);
        }
      }
      out.write(END.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() throws IOException {
    for (Part part : parts) {
      part.writer().close();
      Files.delete(part.path());
    }
    Files.delete(directory);
  }
}
