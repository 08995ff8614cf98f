package dev.headrace.net;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Buffers in order. Most of the time there is one or none: only the second needs more memory than
 * this object's. Whoever owns it guards it.
 */
final class BufferQueue {
  private ByteBuf first;
  private ArrayDeque<ByteBuf> rest;
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

  void add(ByteBuf buffer) {
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
    bytes -= buffer.readableBytes();
    first = rest == null ? null : rest.poll();
    if (first == null) {
      rest = null;
    }
    return buffer;
  }

  /** The first or the last buffer has {@code count} more bytes, or fewer. */
  void changed(int count) {
    bytes += count;
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
