package dev.headrace.service;

/**
 * The part of a file that a request asks for: one range of bytes, as RFC 9110, section 14, has it.
 * Several ranges, other units and what cannot be read are answered with the whole file, as it
 * allows.
 *
 * @param first the first byte
 * @param length how many bytes; -1 where the file has none of those that are asked for
 */
record HttpRange(long first, long length) {
  private static final String UNIT = "bytes=";
  private static final int MOST_DIGITS = 18;

  /** Whether the file has any of it. */
  boolean isSatisfiable() {
    return length > 0;
  }

  /**
   * The part that a header asks for.
   *
   * @param header the value of {@code Range}; null where there is none
   * @param size of the file
   * @return null for the whole file
   */
  static HttpRange of(String header, long size) {
    if (header == null || !header.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
      return null;
    }
    String range = header.substring(UNIT.length()).strip();
    int dash = range.indexOf('-');
    if (dash < 0) {
      return null;
    }
    long from = number(range.substring(0, dash).strip());
    long to = number(range.substring(dash + 1).strip());
    if (from == NONE && to >= 0) { // the last so many
      long count = Math.min(to, size);
      return count == 0 ? UNSATISFIABLE : new HttpRange(size - count, count);
    }
    if (from < 0 || to == BAD || to >= 0 && to < from) {
      return null;
    }
    if (from >= size) {
      return UNSATISFIABLE;
    }
    return new HttpRange(from, (to == NONE ? size : Math.min(size, to + 1)) - from);
  }

  private static final HttpRange UNSATISFIABLE = new HttpRange(0, -1);
  private static final long NONE = -1;
  private static final long BAD = -2;

  private static long number(String digits) {
    if (digits.isEmpty()) {
      return NONE;
    }
    if (digits.length() > MOST_DIGITS || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return BAD;
    }
    return Long.parseLong(digits);
  }
}
