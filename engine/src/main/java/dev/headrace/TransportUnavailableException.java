package dev.headrace;

/**
 * A transport that was demanded cannot be had on this host; the message says why and what to do.
 */
public final class TransportUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Transport transport;

  /**
   * Makes the exception.
   *
   * @param transport what was demanded
   * @param reason why it cannot be had, with the remedy where there is one
   * @param cause what the system answered, or null
   */
  public TransportUnavailableException(Transport transport, String reason, Throwable cause) {
    super("transport " + transport + " is not available: " + reason, cause);
    this.transport = transport;
  }

  /**
   * The transport that was demanded.
   *
   * @return never {@link Transport#AUTO}
   */
  public Transport transport() {
    return transport;
  }
}
