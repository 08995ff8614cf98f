package dev.headrace.loadgen.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.ThreadLocalRandom;

/** The name of a run, unlike any other's: when it began, what it is, and chance. */
public final class RunId {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private RunId() {}

  /**
   * A new one.
   *
   * @param name what the run is
   * @param began when it began
   */
  public static String of(String name, Instant began) {
    return "%s-%s-%04x"
        .formatted(TIME.format(began), name, ThreadLocalRandom.current().nextInt(1 << 16));
  }
}
