package dev.headrace.loadgen;

/** A value of the command line that can be read, but not be done on this host. */
final class WrongValue extends RuntimeException {
  private static final long serialVersionUID = 1L;

  WrongValue(String message) {
    super(message);
  }

  /** Throws unless it is good. */
  static void check(boolean good, String complaint) {
    if (!good) {
      throw new WrongValue(complaint);
    }
  }
}
