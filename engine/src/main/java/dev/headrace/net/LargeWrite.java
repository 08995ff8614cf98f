package dev.headrace.net;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes a large direct buffer without a copy: as much as the kernel takes at once, from the task
 * itself. When it takes no more, a small piece goes the usual way; once that is sent, there is room
 * again.
 */
final class LargeWrite {
  /** How much goes the usual way, to learn when there is room. */
  private static final int PILOT_BYTES = 16 << 10;

  private LargeWrite() {}

  static int write(Outbound outbound, ByteBuffer source) throws IOException {
    int length = source.remaining();
    while (source.hasRemaining()) {
      Waiting.refuseInterrupted("write");
      if (outbound.sendNow(source) > 0) {
        continue;
      }
      int end = source.limit();
      source.limit(Math.min(end, source.position() + PILOT_BYTES));
      try {
        while (source.hasRemaining()) {
          outbound.tryWrite(source);
          outbound.writable();
        }
      } finally {
        source.limit(end);
      }
      Waiting.await("write", outbound.flush(), nothing -> {});
    }
    Thread.yield(); // a peer that takes everything at once must not keep the loop busy with it
    return length;
  }
}
