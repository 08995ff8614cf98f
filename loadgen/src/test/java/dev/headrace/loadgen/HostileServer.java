package dev.headrace.loadgen;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A small server of the test's own that may misbehave: a thread a connection. */
public final class HostileServer implements AutoCloseable {
  /** What is done with a connection; it is closed afterwards. */
  public interface Behaviour {
    void serve(Socket client) throws IOException, InterruptedException;
  }

  private final ServerSocket listener;
  private final Set<Socket> clients = ConcurrentHashMap.newKeySet();

  public HostileServer(Behaviour behaviour) throws IOException {
    listener = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(() -> accept(behaviour));
  }

  private void accept(Behaviour behaviour) {
    while (true) {
      try {
        Socket client = listener.accept();
        clients.add(client);
        Thread.ofVirtual().start(() -> serve(behaviour, client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private static void serve(Behaviour behaviour, Socket client) {
    try (client) {
      behaviour.serve(client);
    } catch (IOException | InterruptedException over) {
      // The client left, or the test is over.
    }
  }

  public InetSocketAddress address() {
    return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
  }

  /** Dies: nothing listens, and no connection is left. */
  @Override
  public void close() {
    try {
      listener.close();
      for (Socket client : clients) {
        client.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
