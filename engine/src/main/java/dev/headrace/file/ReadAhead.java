package dev.headrace.file;

import dev.headrace.buffer.BufferPool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * What was read from the cursor on and not taken yet, in the pool's buffers. Used by whoever has
 * entered the cursor.
 */
final class ReadAhead {
  /** So many buffers a read: what comes after the first saves a turn of the loop each. */
  private static final int BUFFERS = 8;

  private final ArrayDeque<ByteBuf> pieces = new ArrayDeque<>();

  ByteBuf poll() {
    return pieces.poll();
  }

  ByteBuf peek() {
    return pieces.peek();
  }

  void add(ByteBuf piece) {
    pieces.add(piece);
  }

  void unread(ByteBuf piece) {
    pieces.addFirst(piece);
  }

  void release() {
    pieces.forEach(ByteBuf::release);
    pieces.clear();
  }

  /**
   * Empty buffers for a read: fewer when the pool is used by many, and its own size in any case.
   */
  static List<ByteBuf> buffers(BufferPool pool) {
    List<ByteBuf> buffers = new ArrayList<>(BUFFERS);
    int wanted = pool.isTight() ? 1 : BUFFERS;
    while (buffers.size() < wanted) {
      ByteBuf buffer = pool.tryTake();
      if (buffer == null) {
        break;
      }
      buffers.add(buffer);
    }
    if (buffers.isEmpty()) { // at its bound: this stream goes on, slowly, with memory of its own
      int size = pool.bufferSizeBytes();
      buffers.add(ByteBufAllocator.DEFAULT.directBuffer(size, size));
    }
    return buffers;
  }
}
