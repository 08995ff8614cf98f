package dev.headrace.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Buffers in order. Most of the time there is one or none: only the second needs more memory than
 * this object's. Whoever owns it guards it.
 */
final class BufferQueue {
  private static final int GATHERED_BYTES = 4 << 10;

  private ByteBuf first;
  private ArrayDeque<ByteBuf> rest;

  /** The last one, where more may be appended; null when that is somebody else's. */
  private ByteBuf open;

  private int bytes;

  int bytes() {
    return bytes;
  }

  boolean isEmpty() {
    return first == null;
  }

  ByteBuf peek() {
    return first;
  }

  /** Adds a buffer to which nothing is appended. */
  void add(ByteBuf buffer) {
    open = null;
    bytes += buffer.readableBytes();
    if (first == null) {
      first = buffer;
      return;
    }
    if (rest == null) {
      rest = new ArrayDeque<>(4);
    }
    rest.add(buffer);
  }

  /** Adds a buffer to which {@link #appended} bytes may follow while it is here. */
  void addOpen(ByteBuf buffer) {
    add(buffer);
    open = buffer;
  }

  /** The last buffer, if there is room in it and it may be appended to; else null. */
  ByteBuf room() {
    return open != null && open.isWritable() ? open : null;
  }

  /** As many bytes were written to {@link #room}. */
  void appended(int count) {
    bytes += count;
  }

  /** Adds a copy, behind other copies where there is room, and releases the original. */
  void addCopy(ByteBuf original, ByteBufAllocator allocator) {
    int count = original.readableBytes();
    if (open == null || open.writableBytes() < count) {
      addOpen(allocator.buffer(first == null ? count : Math.max(count, GATHERED_BYTES)));
    }
    open.writeBytes(original);
    bytes += count;
    original.release();
  }

  void addFirst(ByteBuf buffer) {
    bytes += buffer.readableBytes();
    if (first != null) {
      if (rest == null) {
        rest = new ArrayDeque<>(4);
      }
      rest.addFirst(first);
    }
    first = buffer;
  }

  /** The next one, the caller's from now on; null when there is none. */
  ByteBuf poll() {
    ByteBuf buffer = first;
    if (buffer == null) {
      return null;
    }
    if (buffer == open) {
      open = null;
    }
    bytes -= buffer.readableBytes();
    first = rest == null ? null : rest.poll();
    if (first == null) {
      rest = null;
    }
    return buffer;
  }

  /** As many bytes of {@link #peek} were read. */
  void read(int count) {
    bytes -= count;
  }

  void forEach(Consumer<ByteBuf> action) {
    if (first != null) {
      action.accept(first);
    }
    if (rest != null) {
      rest.forEach(action);
    }
  }

  void release() {
    for (ByteBuf buffer = poll(); buffer != null; buffer = poll()) {
      buffer.release();
    }
  }
}
