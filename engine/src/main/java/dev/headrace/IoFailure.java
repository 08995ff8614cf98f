package dev.headrace;

import dev.headrace.internal.transport.UnixAddresses;
import dev.headrace.linux.Errno;
import io.netty.channel.ConnectTimeoutException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * An operation of the engine failed. The message names the operation, the resource, the errno and,
 * where there is a usual cause, what to do about it.
 */
public final class IoFailure extends IOException {
  private static final long serialVersionUID = 1L;

  private static final List<Errno> ERRNOS =
      IntStream.rangeClosed(1, 133)
          .mapToObj(Errno::of)
          .filter(errno -> !errno.text().isEmpty())
          .toList();

  private static final int LONGEST_PATH_BYTES = 107;

  private final String kind;

  private IoFailure(String kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /**
   * What went wrong, in one word to count by: the errno's name such as {@code ECONNREFUSED}, or
   * {@code timeout}, {@code closed}, or the simple name of an exception that has no errno.
   *
   * @return the kind, never empty
   */
  public String kind() {
    return kind;
  }

  /**
   * Describes a failure, whichever transport it came from.
   *
   * @param operation the verb, for instance {@code connect}
   * @param address what it was done to
   * @param cause what the transport threw
   * @return the failure, with the remedy in its message
   */
  public static IoFailure of(String operation, SocketAddress address, Throwable cause) {
    if (cause instanceof IoFailure failure) {
      return failure;
    }
    String kind = kindOf(cause);
    String what =
        ERRNOS.stream()
            .filter(errno -> errno.name().equals(kind))
            .map(Errno::toString)
            .findFirst()
            .orElseGet(() -> detail(kind, cause));
    String remedy = remedy(operation, kind, address);
    return new IoFailure(
        kind,
        operation + ' ' + text(address) + ": " + what + (remedy.isEmpty() ? "" : ": " + remedy),
        cause);
  }

  /**
   * A failure with a message of one's own, of the kind of its cause.
   *
   * @param message names the operation, the resource and the remedy
   * @param cause what was thrown
   * @return the failure
   */
  public static IoFailure withMessage(String message, Throwable cause) {
    return new IoFailure(kindOf(cause), message, cause);
  }

  /**
   * Refuses a path that the kernel has no room for, before a transport cuts it off.
   *
   * @param operation the verb, for instance {@code bind}
   * @param address the path's
   * @throws IoFailure ENAMETOOLONG when it has more than 107 bytes
   */
  public static void refuseLongPath(String operation, UnixDomainSocketAddress address)
      throws IoFailure {
    if (address.getPath().toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_PATH_BYTES) {
      throw of(operation, address, new SocketException("File name too long"));
    }
  }

  /**
   * The kind of any throwable, as {@link #kind()} gives it.
   *
   * @param cause what was thrown
   * @return one word
   */
  public static String kindOf(Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof IoFailure failure) {
        return failure.kind;
      }
      if (t instanceof ConnectTimeoutException) {
        return "timeout";
      }
      if (t instanceof ClosedChannelException) {
        return "closed";
      }
      if (t instanceof PortUnreachableException) {
        return "ECONNREFUSED"; // UDP's, by ICMP; the JDK's has no message
      }
      if (t instanceof FileNotFoundException) {
        return "ENOENT"; // Netty's word for a Unix socket that is not there
      }
      String errno = t.getMessage() == null ? null : errnoIn(t.getMessage());
      if (errno != null) {
        return errno;
      }
    }
    return cause.getClass().getSimpleName();
  }

  /** Netty and the JDK both give the C library's text; neither gives the number in every case. */
  private static String errnoIn(String message) {
    if (message.startsWith("Connection reset")) {
      return "ECONNRESET"; // the JDK leaves out "by peer"
    }
    for (Errno errno : ERRNOS) {
      if (message.contains(errno.text())) {
        return errno.name();
      }
    }
    return null;
  }

  private static String detail(String kind, Throwable cause) {
    return switch (kind) {
      case "timeout" -> "timed out";
      case "closed" -> "closed meanwhile";
      default -> cause.getMessage() == null ? kind : kind + " (" + cause.getMessage() + ')';
    };
  }

  private static String remedy(String operation, String kind, SocketAddress address) {
    return switch (kind) {
      case "EADDRINUSE" ->
          address instanceof UnixDomainSocketAddress
              ? "another process listens there, or the file is no socket; take another path"
              : "another process listens there; take another port, or port 0 for a free one";
      case "EADDRNOTAVAIL" ->
          operation.equals("connect")
              ? "no local port is left; widen net.ipv4.ip_local_port_range, or connect less"
              : "that is no address of this host";
      case "EACCES" ->
          address instanceof InetSocketAddress
              ? "ports below net.ipv4.ip_unprivileged_port_start need CAP_NET_BIND_SERVICE;"
                  + " take a higher port"
              : "no permission for that path";
      case "ECONNREFUSED" -> "nothing listens there";
      case "EMSGSIZE" ->
          address instanceof InetSocketAddress
              ? "a datagram carries 65,507 bytes at most, 65,527 over IPv6"
              : "a datagram carries at most what the socket's send buffer holds";
      case "ENOENT" -> "there is no such path";
      case "ENAMETOOLONG" ->
          "the path of a Unix socket has "
              + LONGEST_PATH_BYTES
              + " bytes at most; take a shorter one";
      case "EMFILE" -> "this process is out of descriptors; raise `ulimit -n`";
      case "ENFILE" -> "the host is out of descriptors; raise fs.file-max";
      case "timeout" -> "the host does not answer, or its backlog is full";
      default -> "";
    };
  }

  /**
   * An address as the command line takes it.
   *
   * @param address any socket address, or null: a socket that is closed may have forgotten its own
   * @return {@code HOST:PORT}, or {@code unix:PATH}
   */
  public static String text(SocketAddress address) {
    return switch (address) {
      case null -> "a closed socket";
      case InetSocketAddress inet when inet.getAddress() != null -> {
        String host = inet.getAddress().getHostAddress();
        yield (host.contains(":") ? '[' + host + ']' : host) + ':' + inet.getPort();
      }
      case InetSocketAddress inet -> inet.getHostString() + ':' + inet.getPort();
      case UnixDomainSocketAddress unix -> "unix:" + unix.getPath();
      case AbstractUnixAddress unix -> "unix:" + unix;
      case io.netty.channel.unix.DomainSocketAddress unix -> text(UnixAddresses.of(unix));
      default -> String.valueOf(address);
    };
  }
}
