package dev.headrace.internal.splice;

import dev.headrace.internal.transport.DirectSocket;
import dev.headrace.internal.transport.DirectSockets;
import dev.headrace.linux.Descriptors;
import dev.headrace.linux.LinuxException;
import io.netty.channel.Channel;
import java.util.ArrayDeque;

/**
 * The pipes of one loop. Whoever splices holds one only while there is something in it, so that a
 * loop needs as many as it has receivers that are slow just now; their number is bounded. Confined
 * to the loop.
 */
public final class Pipes {
  private static final int MOST_OPEN = 256;
  private static final int MOST_FREE = 8;

  /** Measured (benchmarks/README.md): the kernel's default of 64 KiB asks for more calls. */
  private static final int SIZE_BYTES = 256 << 10;

  private final DirectSockets sockets;
  private final ArrayDeque<Pipe> free = new ArrayDeque<>();
  private int open;

  /**
   * Makes none yet.
   *
   * @param sockets of the loop's channels
   */
  public Pipes(DirectSockets sockets) {
    this.sockets = sockets;
  }

  /** A channel's socket, or null where it cannot be spliced. */
  DirectSocket socketOf(Channel channel) {
    return sockets.of(channel);
  }

  /** An empty pipe; null at the bound, and when the process is out of descriptors. */
  Pipe take() {
    Pipe pipe = free.pollLast();
    if (pipe != null || open == MOST_OPEN) {
      return pipe;
    }
    try {
      pipe = new Pipe(Descriptors.pipe(), SIZE_BYTES);
      open++;
      return pipe;
    } catch (LinuxException e) {
      return null; // the bytes go through buffers
    }
  }

  /** What is still in it is lost. */
  void giveBack(Pipe pipe) {
    if (pipe.heldBytes() == 0 && free.size() < MOST_FREE) {
      free.addLast(pipe);
    } else {
      open--;
      pipe.close();
    }
  }

  /** Closes those that nobody holds. */
  public void close() {
    while (!free.isEmpty()) {
      open--;
      free.pollLast().close();
    }
  }
}
