package dev.headrace.benchmarks.peers;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One kind of file traffic, and a table of its own.
 *
 * @param mode {@code read|write|randread|randwrite}, as {@code headrace file} and fio both call it
 * @param blockBytes of an operation
 * @param direct past the page cache, or through it
 */
record FileCell(String mode, long blockBytes, boolean direct) {
  private static final long BULK_BYTES = 128 * 1024;

  /** All of them, by name. */
  static Map<String, FileCell> all(long randomBlockBytes) {
    Map<String, FileCell> cells = new LinkedHashMap<>();
    for (boolean direct : new boolean[] {false, true}) {
      String cache = direct ? "-direct" : "-buffered";
      cells.put("randread" + cache, new FileCell("randread", randomBlockBytes, direct));
      cells.put("read" + cache, new FileCell("read", BULK_BYTES, direct));
      cells.put("write" + cache, new FileCell("write", BULK_BYTES, direct));
    }
    return cells;
  }

  boolean writes() {
    return mode.endsWith("write");
  }

  @Override
  public String toString() {
    return mode + " of " + blockBytes / 1024 + " KiB, " + (direct ? "direct" : "buffered");
  }
}
