package dev.headrace.internal.transport;

import dev.headrace.AbstractUnixAddress;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * The addresses of Unix sockets in the forms that the kernel, Netty and the JDK have for them. The
 * kernel's is bytes: a path, or a zero and an abstract name.
 */
public final class UnixAddresses {
  private UnixAddresses() {}

  /** Whether an address is a Unix socket's, in the engine's own form. */
  public static boolean isUnix(SocketAddress address) {
    return address instanceof UnixDomainSocketAddress || address instanceof AbstractUnixAddress;
  }

  /** The kernel's form of a path or of an abstract name. */
  public static byte[] bytes(SocketAddress address) {
    return text(address).getBytes(StandardCharsets.UTF_8);
  }

  private static String text(SocketAddress address) {
    return switch (address) {
      case UnixDomainSocketAddress path -> path.getPath().toString();
      case AbstractUnixAddress name -> '\0' + name.name();
      default -> throw new IllegalArgumentException(address + " is no Unix socket's address");
    };
  }

  /** The engine's form of the kernel's. */
  public static SocketAddress of(byte[] bytes) {
    return of(new String(bytes, StandardCharsets.UTF_8));
  }

  private static SocketAddress of(String text) {
    return text.length() > 1 && text.charAt(0) == 0
        ? AbstractUnixAddress.of(text.substring(1))
        : UnixDomainSocketAddress.of(text.startsWith("\0") ? "" : text);
  }

  /** The engine's form of whatever a channel says; other addresses stay as they are. */
  public static SocketAddress of(SocketAddress channels) {
    return channels instanceof DomainSocketAddress netty ? of(netty.path()) : channels;
  }

  /** Netty's form. */
  static DomainSocketAddress netty(SocketAddress address) {
    return new DomainSocketAddress(text(address));
  }
}
