package dev.headrace.linux;

import java.io.IOException;

/**
 * A system call that failed: its message reads {@code sched_setaffinity(cpus 7): EINVAL (Invalid
 * argument)}.
 *
 * <p>Immutable, but for what {@link Throwable} lets change.
 */
public final class LinuxException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String operation;
  private final String resource;
  private final Errno errno;

  /**
   * A failure.
   *
   * @param operation the system call, such as {@code setrlimit}
   * @param resource what it was called on, such as {@code RLIMIT_NOFILE soft 4096}; may be empty
   * @param errno why it failed
   */
  public LinuxException(String operation, String resource, Errno errno) {
    super(operation + '(' + resource + "): " + errno);
    this.operation = operation;
    this.resource = resource;
    this.errno = errno;
  }

  /**
   * The system call that failed.
   *
   * @return its name
   */
  public String operation() {
    return operation;
  }

  /**
   * What the call was made on.
   *
   * @return a few words, may be empty
   */
  public String resource() {
    return resource;
  }

  /**
   * Why the call failed.
   *
   * @return the error
   */
  public Errno errno() {
    return errno;
  }
}
