package dev.headrace.loadgen.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * The bytes of all requests. Message {@code k} of a connection is a slice of one random buffer:
 *
 * <pre>
 *   0        offset(k)          offset(k) + size         size + SLACK
 *   +--------+==================+------------------------+
 *   |        |    message k     |                        |
 *   +--------+==================+------------------------+
 * </pre>
 *
 * <p>The offset moves with {@code k}, so that an answer that is stale, swapped or another
 * connection's does not match, and nothing is written per request. Read-only once made: all loops
 * share it.
 */
final class Payload {
  /** Offsets repeat after this many messages, since the step is odd. */
  private static final int SLACK = 4096;

  private static final int STEP = 1237;
  private static final int LANE_STEP = 331;
  private static final long SEED = 0x4eadace;

  private final ByteBuf bytes;
  private final int sizeBytes;

  Payload(int sizeBytes) {
    this.sizeBytes = sizeBytes;
    byte[] random = new byte[sizeBytes + SLACK];
    new Random(SEED).nextBytes(random);
    // Not from a pool: it lives as long as anything may still send from it.
    bytes = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(random.length).put(random).flip());
  }

  int sizeBytes() {
    return sizeBytes;
  }

  int offset(int lane, long message) {
    return (int) (message * STEP + (long) lane * LANE_STEP) & (SLACK - 1);
  }

  /** A view to send from: set its indices to a message's bytes. Releasing it does nothing. */
  ByteBuf view() {
    return Unpooled.unreleasableBuffer(bytes.duplicate());
  }

  /** Writes the message that begins at an offset. */
  void copy(int offset, ByteBuf to) {
    to.writeBytes(bytes, offset, sizeBytes);
  }

  /** Whether {@code length} bytes of an answer are those that stand at {@code at}. */
  boolean matches(int at, ByteBuf answer, int from, int length) {
    return ByteBufUtil.equals(bytes, at, answer, from, length);
  }
}
