package dev.headrace.io;

import java.io.IOException;

/** What was asked for is longer than its limit. The message names both. */
public final class TooLongException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long limitBytes;

  /**
   * Too much.
   *
   * @param what was asked for, such as {@code a line}
   * @param limitBytes how long it may be, at least 0
   */
  public TooLongException(String what, long limitBytes) {
    super(what + " of more than " + limitBytes + " bytes, the limit");
    this.limitBytes = limitBytes;
  }

  /**
   * The limit that was set.
   *
   * @return in bytes, at least 0
   */
  public long limitBytes() {
    return limitBytes;
  }
}
