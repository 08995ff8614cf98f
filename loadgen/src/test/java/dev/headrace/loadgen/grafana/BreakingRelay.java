package dev.headrace.loadgen.grafana;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Stands before an echo server and ends every connection after some thousand bytes. */
final class BreakingRelay {
  private static final int BYTES = 20_000;

  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final String host;
  private final int port;

  /**
   * Starts it.
   *
   * @param echo {@code HOST:PORT} of the server
   */
  BreakingRelay(String echo) throws IOException {
    host = echo.split(":")[0];
    port = Integer.parseInt(echo.split(":")[1]);
    Thread.ofVirtual().start(this::serve);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void serve() {
    try {
      while (true) {
        Socket client = listener.accept();
        Thread.ofVirtual().start(() -> relay(client));
      }
    } catch (IOException e) {
      // Closed: the test is over.
    }
  }

  private void relay(Socket client) {
    byte[] bytes = new byte[1024];
    try (client;
        Socket echo = new Socket(host, port)) {
      for (int total = 0; total < BYTES; ) {
        int count = client.getInputStream().read(bytes);
        if (count < 0) {
          return;
        }
        echo.getOutputStream().write(bytes, 0, count);
        client.getOutputStream().write(echo.getInputStream().readNBytes(count));
        total += count;
      }
    } catch (IOException e) {
      // One of them has gone.
    }
  }

  void close() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
