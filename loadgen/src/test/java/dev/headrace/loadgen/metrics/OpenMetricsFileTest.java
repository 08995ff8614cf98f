package dev.headrace.loadgen.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenMetricsFileTest {
  private static final RunLabels RUN = new RunLabels("run", "echo", "nio");

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void earlier() throws IOException {
    file = Files.writeString(directory.resolve("openmetrics.txt"), "an earlier one");
  }

  private static void add(OpenMetricsFile text, long atMillis, int kinds) throws IOException {
    Families families = Families.at(atMillis, RUN);
    for (int kind = 0; kind < kinds; kind++) {
      families.counter("errors", "Errors.", atMillis, "kind", "k" + kind);
    }
    text.add(families.snapshots());
  }

  private static List<Path> within(Path directory) throws IOException {
    try (Stream<Path> paths = Files.list(directory)) {
      return paths.toList();
    }
  }

  /** Where the file is gathered. */
  private Path gathering() throws IOException {
    return within(directory).stream().filter(Files::isDirectory).findFirst().orElseThrow();
  }

  @Test
  void the_moments_of_a_set_of_labels_stand_together_and_no_file_is_open_meanwhile()
      throws Exception {
    int kinds = 40;
    int moments = 500;
    try (OpenMetricsFile text = new OpenMetricsFile(directory)) {
      for (int moment = 1; moment <= moments; moment++) {
        add(text, moment * 1000L, kinds);
      }
      assertTrue(Files.size(gathering().resolve("part-0")) > 0, "it is not all in memory");
      for (Path descriptor : within(Path.of("/proc/self/fd"))) {
        if (Files.isSymbolicLink(descriptor)) { // the one of the listing is gone
          assertTrue(!Files.readSymbolicLink(descriptor).startsWith(directory), () -> "open");
        }
      }
      text.writeTo(file);
    }
    List<String> samples =
        Files.readAllLines(file).stream().filter(line -> !line.startsWith("#")).toList();
    assertEquals(kinds * moments, samples.size());
    Set<String> sets = new HashSet<>();
    for (int first = 0; first < samples.size(); first += moments) {
      String labels = samples.get(first).replaceFirst("} .*", "");
      assertTrue(sets.add(labels), labels);
      assertTrue(
          samples.subList(first, first + moments).stream()
              .allMatch(line -> line.startsWith(labels)),
          labels);
    }
    assertEquals(List.of(file), within(directory));
  }

  @Test
  void a_full_disk_is_told_of_with_the_file_and_leaves_what_was_there() throws Exception {
    for (String full : List.of("part-0", "whole")) {
      FileSystemException failure =
          assertThrows(
              FileSystemException.class,
              () -> {
                try (OpenMetricsFile text = new OpenMetricsFile(directory)) {
                  Files.createSymbolicLink(gathering().resolve(full), Path.of("/dev/full"));
                  add(text, 1000, 2);
                  text.writeTo(file);
                }
              });
      assertTrue(failure.getFile().endsWith(full), failure::toString);
      assertTrue(failure.getMessage().contains("No space left"), failure::toString);
      assertEquals(List.of(file), within(directory));
      assertEquals("an earlier one", Files.readString(file));
    }
  }
}
