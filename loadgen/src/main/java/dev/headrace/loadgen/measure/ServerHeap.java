package dev.headrace.loadgen.measure;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** The live heap of a server of ours, read through its management agent. */
public final class ServerHeap implements AutoCloseable {
  /** The first collections free what the reading itself made, the least of the last ones counts. */
  private static final int COLLECTIONS = 4;

  private final JMXConnector connector;
  private final MemoryMXBean memory;

  private ServerHeap(JMXConnector connector, MemoryMXBean memory) {
    this.connector = connector;
    this.memory = memory;
  }

  /**
   * Attaches to a server, and reads once, so that the agent's own classes and connections are part
   * of every reading that counts.
   *
   * @param server a JVM of the same user
   * @return the attached heap
   * @throws IOException when it cannot be attached to
   */
  public static ServerHeap attach(LocalServer server) throws IOException {
    try {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(server.pid()));
      String address;
      try {
        address = machine.startLocalManagementAgent();
      } finally {
        machine.detach();
      }
      JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(address));
      MemoryMXBean memory =
          ManagementFactory.newPlatformMXBeanProxy(
              connector.getMBeanServerConnection(),
              ManagementFactory.MEMORY_MXBEAN_NAME,
              MemoryMXBean.class);
      ServerHeap heap = new ServerHeap(connector, memory);
      heap.liveBytes();
      return heap;
    } catch (AttachNotSupportedException e) {
      throw new IOException("pid " + server.pid() + " cannot be attached to: " + e.getMessage(), e);
    }
  }

  /** Heap used after forced full collections, in bytes. */
  public long liveBytes() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < COLLECTIONS; i++) {
      memory.gc();
      least = Math.min(least, memory.getHeapMemoryUsage().getUsed());
    }
    return least;
  }

  @Override
  public void close() throws IOException {
    connector.close();
  }
}
