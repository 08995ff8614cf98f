package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;

/**
 * Bytes that were received and are not yet given away, in one piece.
 *
 * <p>A single piece stays the buffer that it came in. More than one are copied together: a peer
 * that sends byte by byte must not hold a whole receive buffer with each. Confined to one task.
 */
final class Gathered {
  private ByteBuf bytes = Unpooled.EMPTY_BUFFER;
  private boolean own; // allocated here, so that more may be written behind

  /** What there is; it stays this object's, and the next call may replace it. */
  ByteBuf bytes() {
    return bytes;
  }

  int size() {
    return bytes.readableBytes();
  }

  void append(ByteBuf more) {
    if (!bytes.isReadable()) {
      replace(more, false);
      return;
    }
    // Whoever holds a slice of it must find it unchanged.
    if (!own || bytes.refCnt() > 1) {
      replace(merged(bytes, more.readableBytes()), true);
    }
    bytes.discardSomeReadBytes();
    bytes.writeBytes(more);
    more.release();
  }

  void prepend(ByteBuf before) {
    if (!bytes.isReadable()) {
      replace(before, false);
    } else if (before.isReadable()) {
      ByteBuf merged = merged(before, bytes.readableBytes());
      replace(merged.writeBytes(bytes), true);
      before.release();
    } else {
      before.release();
    }
  }

  /** Gives all of it away; null when there is nothing. */
  ByteBuf take() {
    if (!bytes.isReadable()) {
      release();
      return null;
    }
    ByteBuf all = bytes;
    bytes = Unpooled.EMPTY_BUFFER;
    own = false;
    return all;
  }

  /** Lets a buffer go that holds nothing more. */
  void trim() {
    if (!bytes.isReadable()) {
      release();
    }
  }

  void release() {
    replace(Unpooled.EMPTY_BUFFER, false);
  }

  private static ByteBuf merged(ByteBuf start, int moreBytes) {
    int size = Math.addExact(start.readableBytes(), moreBytes);
    return ByteBufAllocator.DEFAULT
        .buffer(Math.max(256, size))
        .writeBytes(start, start.readerIndex(), start.readableBytes());
  }

  private void replace(ByteBuf with, boolean isOwn) {
    bytes.release(); // does nothing to the empty buffer
    bytes = with;
    own = isOwn;
  }
}
