package dev.headrace.net;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * How a TCP stream is connected. Immutable: start from {@link #defaults} and change what must
 * differ.
 */
public final class ConnectOptions {
  private static final ConnectOptions DEFAULTS =
      new ConnectOptions(Optional.empty(), Duration.ofSeconds(30), OptionValues.NONE);

  private final Optional<InetSocketAddress> local;
  private final Duration timeout;
  private final OptionValues options;

  private ConnectOptions(
      Optional<InetSocketAddress> local, Duration timeout, OptionValues options) {
    this.local = local;
    this.timeout = timeout;
    this.options = options;
  }

  /** Any local address, a timeout of 30 seconds, the system's options. */
  public static ConnectOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Binds the stream before it is connected.
   *
   * @param address of this host; port 0 for any port
   * @return options that do
   */
  public ConnectOptions localAddress(InetSocketAddress address) {
    return new ConnectOptions(Optional.of(address), timeout, options);
  }

  /**
   * Bounds how long connecting takes, with a name for each of its addresses.
   *
   * @param limit 1 ms or more
   * @return options that do
   */
  public ConnectOptions timeout(Duration limit) {
    if (limit.toMillis() < 1 || limit.toMillis() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "the connect timeout is " + limit + ": it must be 1 ms or more, and less than 24 days");
    }
    return new ConnectOptions(local, limit, options);
  }

  /**
   * Sets an option before the stream is bound and connected.
   *
   * @param option which
   * @param value its value
   * @return options that do
   */
  public <T> ConnectOptions set(Option<T> option, T value) {
    return new ConnectOptions(local, timeout, options.with(option, value));
  }

  Optional<InetSocketAddress> localAddress() {
    return local;
  }

  Duration timeout() {
    return timeout;
  }

  OptionValues options() {
    return options;
  }
}
