package dev.headrace.loadgen.metrics;

import dev.headrace.loadgen.report.Json;
import dev.headrace.loadgen.report.KeptFiles;
import dev.headrace.loadgen.report.Result;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** The documents that a run and a bench keep, held against what this program wrote. */
final class KeptDocument {
  private KeptDocument() {}

  /** That a file is not what was kept there. */
  static IOException damaged(Path file, String how) {
    return new IOException(file + " " + how + ": copy the whole directory again, or measure again");
  }

  /** The result of a run. */
  static Result result(Path directory) throws IOException {
    Path file = directory.resolve(KeptFiles.RESULT);
    Result result = read(file, Result.class);
    checkSchema(file, Result.SCHEMA, result.schema());
    Map<String, Object> needed = new LinkedHashMap<>();
    needed.put("run_id", result.runId());
    needed.put("started_at", result.startedAt());
    needed.put("workload", result.workload());
    needed.put("transport", result.transport());
    needed.put("api", result.api());
    needed.put("host", result.host());
    check(file, needed);
    instant(file, result.startedAt());
    return result;
  }

  static <T> T read(Path file, Class<T> type) throws IOException {
    try {
      return Json.read(file, type)
          .orElseThrow(() -> damaged(file, "is damaged, or no document of Headrace"));
    } catch (NoSuchFileException e) {
      throw damaged(file, "is missing");
    } catch (AccessDeniedException e) {
      throw new IOException(file + " cannot be read: permission denied", e);
    }
  }

  static void checkSchema(Path file, String known, String found) throws IOException {
    if (found == null) {
      throw damaged(file, "lacks schema");
    }
    if (!known.equals(found)) {
      throw new IOException(
          "%s has the schema '%s', this program reads '%s': use the program that made it"
              .formatted(file, found, known));
    }
  }

  /** Throws where one is absent. */
  static void check(Path file, Map<String, Object> needed) throws IOException {
    for (Map.Entry<String, Object> field : needed.entrySet()) {
      if (field.getValue() == null) {
        throw damaged(file, "lacks " + field.getKey());
      }
    }
  }

  static Instant instant(Path file, String startedAt) throws IOException {
    try {
      return Instant.parse(startedAt);
    } catch (DateTimeException e) {
      throw damaged(file, "has no time as started_at, but '" + startedAt + "'");
    }
  }

  /** Throws unless a log that must hold something can be read. */
  static void checkLog(Path file, boolean needed) throws IOException {
    if (Files.exists(file) ? !Files.isRegularFile(file) : needed) {
      throw damaged(file, Files.exists(file) ? "is no file" : "is missing");
    }
    if (needed && Files.size(file) == 0) {
      throw damaged(file, "is empty");
    }
    if (Files.exists(file) && !Files.isReadable(file)) {
      throw new IOException(file + " cannot be read: permission denied");
    }
  }
}
