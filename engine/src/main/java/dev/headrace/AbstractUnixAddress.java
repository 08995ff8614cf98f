package dev.headrace;

import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * The address of a Unix socket in Linux's abstract namespace: a name that is no path, belongs to
 * the network namespace and is gone with its socket. A {@link java.net.UnixDomainSocketAddress}
 * cannot hold it. Only epoll takes it: the sockets of {@code dev.headrace.net} live there.
 */
public final class AbstractUnixAddress extends SocketAddress {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_BYTES = 107;

  private final String name;

  private AbstractUnixAddress(String name) {
    this.name = name;
  }

  /**
   * The address of a name.
   *
   * @param name 1 to 107 bytes in UTF-8, without the zero in front that stands for the namespace
   * @return its address
   * @throws IllegalArgumentException when it is longer, or empty
   */
  public static AbstractUnixAddress of(String name) {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > LONGEST_BYTES) {
      throw new IllegalArgumentException(
          "an abstract name has 1 to " + LONGEST_BYTES + " bytes, and this one " + bytes);
    }
    return new AbstractUnixAddress(name);
  }

  /** The name, without a zero in front. */
  public String name() {
    return name;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AbstractUnixAddress that && name.equals(that.name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  /** {@code @name}, as {@code ss -x} shows it. */
  @Override
  public String toString() {
    return '@' + name;
  }
}
