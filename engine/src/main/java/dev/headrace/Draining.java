package dev.headrace;

/**
 * The user event that every open connection gets when its engine is being closed: a handler that
 * knows where a request ends may finish it, and then close. Connections that are still open at the
 * deadline are cut: a TCP peer sees a reset.
 */
public enum Draining {
  /** The engine takes no new connections, and waits for this one to end. */
  BEGUN
}
