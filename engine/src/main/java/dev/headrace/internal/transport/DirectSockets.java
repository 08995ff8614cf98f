package dev.headrace.internal.transport;

import dev.headrace.EngineStats;
import io.netty.channel.Channel;
import io.netty.channel.IoHandle;
import java.util.IdentityHashMap;
import java.util.Map;

/** The sockets of one loop's channels, by what its channels register. Confined to the loop. */
public final class DirectSockets {
  private final Map<Object, DirectSocket> sockets = new IdentityHashMap<>();
  private final RingCounts ringCounts = new RingCounts();
  private long turn;

  /** The loop asks the kernel what has happened, and handles it. */
  void turnBegins() {
    turn++;
  }

  /** Counts how often it has done so. */
  long turn() {
    return turn;
  }

  void add(IoHandle handle, DirectSocket socket) {
    sockets.put(handle, socket);
  }

  void remove(IoHandle handle) {
    sockets.remove(handle);
  }

  /** What is asked of the loop's ring, by whoever asks. */
  RingCounts ringCounts() {
    return ringCounts;
  }

  /** The same, for any thread; none has been asked of a loop without a ring. */
  public EngineStats.Ring ringStats() {
    return ringCounts.snapshot();
  }

  /**
   * A channel's socket.
   *
   * @param channel on this loop
   * @return null where the transport gives nobody else its sockets
   */
  public DirectSocket of(Channel channel) {
    return sockets.get(channel.unsafe()); // what Netty's native channels register
  }
}
