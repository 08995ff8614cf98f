package dev.headrace.loadgen.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * What a request by UDP looks like. Datagrams may be lost, swapped and doubled: each says which it
 * is.
 *
 * <pre>
 *   0          8        16                          size
 *   +----------+--------+---------------------------+
 *   | sequence |  lane  | bytes of the payload      |
 *   +----------+--------+---------------------------+
 * </pre>
 *
 * <p>Read-only once made: all loops share it.
 */
final class Datagram {
  /** The sequence number and the lane. */
  static final int LEAST_BYTES = 2 * Long.BYTES;

  private final Payload payload;

  Datagram(int sizeBytes) {
    payload = new Payload(sizeBytes - LEAST_BYTES);
  }

  int sizeBytes() {
    return LEAST_BYTES + payload.sizeBytes();
  }

  /** Makes one; who sends it releases it. */
  ByteBuf make(ByteBufAllocator allocator, int lane, long sequence) {
    ByteBuf datagram = allocator.directBuffer(sizeBytes(), sizeBytes());
    datagram.writeLong(sequence).writeLong(lane);
    payload.copy(payload.offset(lane, sequence), datagram);
    return datagram;
  }

  /** Which request of a lane an answer is for; -1 when it is for none. */
  static long sequence(ByteBuf answer, int lane) {
    int at = answer.readerIndex();
    return answer.readableBytes() >= LEAST_BYTES && answer.getLong(at + Long.BYTES) == lane
        ? answer.getLong(at)
        : -1;
  }

  /** Whether an answer is what was sent, to the byte. */
  boolean matches(ByteBuf answer, int lane, long sequence) {
    return answer.readableBytes() == sizeBytes()
        && payload.matches(
            payload.offset(lane, sequence),
            answer,
            answer.readerIndex() + LEAST_BYTES,
            payload.sizeBytes());
  }
}
