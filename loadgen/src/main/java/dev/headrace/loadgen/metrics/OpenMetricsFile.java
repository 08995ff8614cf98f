package dev.headrace.loadgen.metrics;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of OpenMetrics text with many moments. The client's writer writes one; the format wants
 * the samples of a family in one piece, and in it those of each set of labels. So each set is
 * gathered in a file of its own, open only while it is written to, which are put together in the
 * end. A failure to write names the file.
 */
final class OpenMetricsFile implements AutoCloseable {
  private static final String END = "# EOF\n";
  private static final String WHOLE = "whole";
  private static final int CHARS_A_WRITE = 1 << 13;

  private final OpenMetricsTextFormatWriter format = OpenMetricsTextFormatWriter.create();
  private final Path directory;
  private final List<Part> parts = new ArrayList<>();
  private final Map<String, Family> families = new LinkedHashMap<>();

  /** The lines that describe a family, and its samples by their labels. */
  private record Family(StringBuilder description, Map<String, Part> parts) {}

  /** The samples of one set of labels; the last of them are not in the file yet. */
  private record Part(Path path, StringBuilder samples) {
    void add(String sample) throws IOException {
      samples.append(sample).append('\n');
      if (samples.length() > CHARS_A_WRITE) {
        flush();
      }
    }

    void flush() throws IOException {
      try {
        Files.writeString(path, samples, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw named(path, e);
      }
      samples.setLength(0);
    }
  }

  /** A full disk is told of without the file. */
  private static IOException named(Path path, IOException failure) {
    if (failure instanceof FileSystemException) {
      return failure;
    }
    FileSystemException named =
        new FileSystemException(path.toString(), null, failure.getMessage());
    named.initCause(failure);
    return named;
  }

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
          part(family, line).add(line);
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

  private Part part(Family family, String sample) {
    String labels = sample.substring(sample.indexOf('{'), sample.lastIndexOf('}'));
    String set = labels.replaceFirst(",le=\"[^\"]*\"$", ""); // the buckets of one histogram
    Part part = family.parts().get(set);
    if (part == null) {
      part = new Part(directory.resolve("part-" + parts.size()), new StringBuilder());
      parts.add(part);
      family.parts().put(set, part);
    }
    return part;
  }

  /** Writes the file: all of it, or what stood there before stays. */
  void writeTo(Path path) throws IOException {
    for (Part part : parts) {
      part.flush();
    }
    Path whole = directory.resolve(WHOLE);
    try (OutputStream out = Files.newOutputStream(whole)) {
      for (Family family : families.values()) {
        out.write(family.description().toString().getBytes(StandardCharsets.UTF_8));
        for (Part part : family.parts().values()) {
          Files.copy(part.path(), out);
        }
      }
      out.write(END.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw named(whole, e);
    }
    Files.move(whole, path, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Leaves nothing but the file. */
  @Override
  public void close() throws IOException {
    for (Part part : parts) {
      Files.deleteIfExists(part.path());
    }
    Files.deleteIfExists(directory.resolve(WHOLE));
    Files.delete(directory);
  }
}
