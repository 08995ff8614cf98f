package dev.headrace.net;

import io.netty.buffer.ByteBuf;
import java.net.SocketAddress;

/**
 * A datagram as it came, whole.
 *
 * @param bytes what it says, maybe nothing; the receiver's to release
 * @param sender where it came from
 * @param <A> the kind of its address
 */
public record Datagram<A extends SocketAddress>(ByteBuf bytes, A sender) implements AutoCloseable {
  /** Releases its bytes. */
  @Override
  public void close() {
    bytes.release();
  }
}
