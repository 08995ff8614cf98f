package dev.headrace.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Buffers in order. Most of the time there is one or none: only the second needs more memory than
 * this object's. Whoever owns it guards it.
 */
sealed class BufferQueue permits Direction {
  private static final int GATHERED_BYTES = 4 << 10;

  private ByteBuf first;
  private ArrayDeque<ByteBuf> rest;

  /** The last one, where more may be appended; null when that is somebody else's. */
  private ByteBuf open;

  private int bytes;

  final int bytes() {
    return bytes;
  }

  final boolean isEmpty() {
    return first == null;
  }

  final ByteBuf peek() {
    return first;
  }

  /** Adds a buffer to which nothing is appended. */
  final void add(ByteBuf buffer) {
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
  final void addOpen(ByteBuf buffer) {
    add(buffer);
    open = buffer;
  }

  /** The last buffer, if there is room in it and it may be appended to; else null. */
  final ByteBuf room() {
    return open != null && open.isWritable() ? open : null;
  }

  /** As many bytes were written to {@link #room}. */
  final void appended(int count) {
    bytes += count;
  }

  /** Adds a copy, behind other copies where there is room, and releases the original. */
  final void addCopy(ByteBuf original, ByteBufAllocator allocator) {
    int count = original.readableBytes();
    if (open == null || open.writableBytes() < count) {
      addOpen(allocator.buffer(first == null ? count : Math.max(count, GATHERED_BYTES)));
    }
    open.writeBytes(original);
    bytes += count;
    original.release();
  }

  final void addFirst(ByteBuf buffer) {
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
  final ByteBuf poll() {
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
  final void read(int count) {
    bytes -= count;
  }

  final void forEach(Consumer<ByteBuf> action) {
    if (first != null) {
      action.accept(first);
    }
    if (rest != null) {
      rest.forEach(action);
    }
  }

  final void release() {
    for (ByteBuf buffer = poll(); buffer != null; buffer = poll()) {
      buffer.release();
    }
  }
}
