package dev.headrace.linux;

/** What the host is. */
public final class Linux {
  private Linux() {}

  /**
   * Whether this host runs Linux; everywhere else no native call of this package may be made.
   *
   * @return true on Linux
   */
  public static boolean isPresent() {
    return System.getProperty("os.name").equals("Linux");
  }
}
