package dev.headrace.loadgen;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** A small UDP server of the test's own that may misbehave, on one thread. */
public final class HostileDatagrams implements AutoCloseable {
  /** What is done about a datagram: nothing, or answers. */
  public interface Behaviour {
    void serve(DatagramSocket socket, DatagramPacket request) throws IOException;
  }

  private final DatagramSocket socket;

  public HostileDatagrams(Behaviour behaviour) throws IOException {
    socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().start(() -> serve(behaviour));
  }

  private void serve(Behaviour behaviour) {
    byte[] buffer = new byte[65_536];
    while (!socket.isClosed()) {
      try {
        DatagramPacket request = new DatagramPacket(buffer, buffer.length);
        socket.receive(request);
        behaviour.serve(socket, request);
      } catch (IOException over) {
        // The test is over, or a client is.
      }
    }
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  @Override
  public void close() {
    socket.close();
  }
}
