package dev.headrace.loadgen;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What a test needs of its host: without it the test is skipped, or fails where all must run. */
public final class Needed {
  private static final boolean NO_SKIPS = "1".equals(System.getenv("HEADRACE_NO_SKIPS"));

  private Needed() {}

  /**
   * Ends the test where something is missing.
   *
   * @param there whether it is there
   * @param reason what is missing, and the remedy
   */
  public static void that(boolean there, String reason) {
    if (NO_SKIPS) {
      assertTrue(there, reason);
    } else {
      assumeTrue(there, reason);
    }
  }
}
