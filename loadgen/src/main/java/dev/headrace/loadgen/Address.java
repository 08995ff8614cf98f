package dev.headrace.loadgen;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An address as the command line takes it: {@code HOST:PORT}, {@code [V6]:PORT} or {@code
 * unix:PATH}. Reading it asks no name server; {@link #resolve()} does.
 *
 * @param text as it was written
 * @param host of TCP; null for a Unix socket
 * @param port of TCP
 * @param path of a Unix socket; null for TCP
 */
public record Address(String text, String host, int port, String path) {
  private static final Pattern TCP = Pattern.compile("(\\[[0-9a-fA-F:.%\\w]+]|[^:\\[\\]]+):(\\d+)");
  private static final String UNIX = "unix:";

  /** sun_path of sockaddr_un, linux/un.h, less its final zero. */
  private static final int MAX_PATH_BYTES = 107;

  private static final int MAX_PORT = 65535;

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException when it is none; the message says what it should look like
   */
  public static Address parse(String text) {
    if (text.startsWith(UNIX)) {
      return unix(text, text.substring(UNIX.length()));
    }
    return tcp(text, "is no address such as 127.0.0.1:7000, [::1]:7000 or unix:/tmp/socket");
  }

  /** The same, where a Unix socket will not do. */
  public static Address parseTcp(String text) {
    return tcp(text, "is no HOST:PORT such as 127.0.0.1:7000 or [::1]:7000");
  }

  private static Address tcp(String text, String complaint) {
    Matcher matcher = TCP.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' " + complaint);
    }
    String digits = matcher.group(2);
    int port = digits.length() > 5 ? MAX_PORT + 1 : Integer.parseInt(digits);
    if (port > MAX_PORT) {
      throw new IllegalArgumentException(
          "'" + text + "' has port " + digits + ": ports are 0 to " + MAX_PORT);
    }
    String host = matcher.group(1);
    return new Address(
        text, host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port, null);
  }

  private static Address unix(String text, String path) {
    int bytes = path.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || path.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("'" + text + "' names no path: write unix:/tmp/socket");
    }
    if (bytes > MAX_PATH_BYTES) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' has a path of "
              + bytes
              + " bytes: the kernel takes "
              + MAX_PATH_BYTES
              + " at most, use a shorter one");
    }
    return new Address(text, null, 0, path);
  }

  /** Whether it is a path, and no host and port. */
  public boolean isUnix() {
    return path != null;
  }

  /**
   * The socket address; blocks while the name is looked up.
   *
   * @throws IOException when the name does not resolve
   */
  public SocketAddress resolve() throws IOException {
    if (path != null) {
      try {
        return UnixDomainSocketAddress.of(path);
      } catch (InvalidPathException e) {
        throw new IOException("'" + text + "' names no path: " + e.getReason(), e);
      }
    }
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new IOException(
          "resolve " + text + ": no such host '" + host + "': check the name, or give an address");
    }
    return address;
  }

  /** The same, for connecting: port 0 is nobody's. */
  public SocketAddress resolveTarget() throws IOException {
    if (path == null && port == 0) {
      throw new WrongValue("'" + text + "' has port 0: name the port that the target listens on");
    }
    return resolve();
  }
}
