package dev.headrace.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reading the small text files of {@code /proc} and {@code /sys}, which say that they are empty.
 */
final class ProcFile {
  private ProcFile() {}

  /**
   * The whole file, not stripped. Bytes that are not UTF-8 come out mangled.
   *
   * <p>Not {@link Files#readString}: for a file of size 0 it asks for one byte first, and a number
   * under {@code /proc/sys} has no second part (kernel/sysctl.c, do_proc_dointvec): {@code 4096}
   * would read as {@code 4}.
   */
  static String read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(Integer.MAX_VALUE);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  /** The whole file, or empty where it is absent, forbidden, or gone while it was read. */
  static Optional<String> readIfPossible(Path file) {
    try {
      return Optional.of(read(file));
    } catch (IOException absentOrForbidden) {
      return Optional.empty();
    }
  }

  /** Its lines, none where it cannot be read. */
  static List<String> lines(Path file) {
    return readIfPossible(file).map(text -> text.lines().toList()).orElse(List.of());
  }
}
