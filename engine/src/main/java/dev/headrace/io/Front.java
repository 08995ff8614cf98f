package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;

/** What was put back to the front of a source. Any thread may close it. */
final class Front {
  private ArrayDeque<ByteBuf> pieces; // most sources never get one
  private boolean closed;

  /** The next piece, or null when nothing was put back. */
  synchronized ByteBuf take() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
    return pieces == null ? null : pieces.poll();
  }

  synchronized void put(ByteBuf bytes) {
    if (closed || !bytes.isReadable()) {
      bytes.release();
      return;
    }
    if (pieces == null) {
      pieces = new ArrayDeque<>(2);
    }
    pieces.addFirst(bytes);
  }

  /** Releases what is there. False if it was closed before. */
  synchronized boolean close() {
    if (closed) {
      return false;
    }
    closed = true;
    if (pieces != null) {
      pieces.forEach(ByteBuf::release);
      pieces = null;
    }
    return true;
  }

  synchronized boolean isOpen() {
    return !closed;
  }
}
