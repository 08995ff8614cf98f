package dev.headrace.net;

import dev.headrace.buffer.BufferPool;
import dev.headrace.file.AsyncFile;
import dev.headrace.linux.Errno;
import dev.headrace.linux.FileCalls;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.InterruptedIOException;

/**
 * Sends a part of a file to a stream.
 *
 * <pre>
 *   cached, and the stream's own loop:   page cache ──sendfile──▶ socket
 *   else:                                device ──ring──▶ pool buffer ──▶ socket
 * </pre>
 *
 * <p>When the kernel takes no more, a piece goes the way that is read and queued: once it is sent,
 * there is room again.
 */
final class FileSend {
  /** What is looked for in the page cache, and sent, at once: then others have their turn. */
  private static final int WINDOW_BYTES = 1 << 20;

  /** What is shorter is read and sent together with what waits, in one packet. */
  private static final int LEAST_BYTES = 32 << 10;

  /** From here on reading ahead, up to as much, is no waste. */
  private static final int WORTH_AHEAD_BYTES = 128 << 10;

  private final SocketStream stream;
  private final Outbound outbound;
  private final AsyncFile file;
  private final long end;
  private final long begin;
  private long at;
  private AsyncFile ahead; // a handle of its own, whose cursor reads ahead; null until it is needed

  FileSend(SocketStream stream, Outbound outbound, AsyncFile file, long offset, long length) {
    if (offset < 0 || length < 0 || offset + length < 0) {
      throw new IllegalArgumentException(
          "offset " + offset + ", length " + length + ": both must be 0 or more");
    }
    this.stream = stream;
    this.outbound = outbound;
    this.file = file;
    this.begin = offset;
    this.at = offset;
    this.end = offset + length;
  }

  long run() throws IOException {
    try {
      boolean goesOn = true;
      while (goesOn && at < end) {
        goesOn =
            isCached() ? sendCached() : end - at < WORTH_AHEAD_BYTES ? sendRead() : sendAhead();
      }
      return at - begin;
    } catch (InterruptedIOException e) {
      e.bytesTransferred = (int) Math.min(Integer.MAX_VALUE, at - begin);
      throw e;
    } finally {
      if (ahead != null) {
        ahead.closeAsync();
      }
    }
  }

  /** Several buffers are read at once. False at the end of the file. */
  private boolean sendAhead() throws IOException {
    if (ahead == null) {
      ahead = file.duplicate();
    }
    if (ahead.position() != at) {
      ahead.position(at);
    }
    ByteBuf next = ahead.receive();
    if (next == null) {
      return false;
    }
    boolean sent = false;
    try {
      int size = next.readableBytes();
      outbound.send(next); // the stream's from now on, unless this throws
      sent = true;
      at += size;
      return true;
    } finally {
      if (!sent) {
        next.release();
      }
    }
  }

  private boolean isCached() throws IOException {
    long length = Math.min(end - at, WINDOW_BYTES);
    if (length < LEAST_BYTES || !outbound.canSendNow()) {
      return false;
    }
    return file.withDescriptor(fd -> FileCalls.isCached(fd, at, length) ? 1 : 0) == 1;
  }

  /** False at the end of the file. */
  private boolean sendCached() throws IOException {
    Waiting.refuseInterrupted("sendFile");
    long length = Math.min(end - at, WINDOW_BYTES);
    long sent =
        outbound.sendQueuedNow()
            ? file.withDescriptor(fd -> outbound.sendFileNow(fd, at, length))
            : -Errno.EAGAIN;
    if (sent == 0) {
      return false;
    }
    if (sent > 0) {
      at += sent;
      if (sent == length) {
        Thread.yield(); // a peer that takes everything at once must not keep the loop busy with it
        return true;
      }
    }
    return sendRead() && flushed();
  }

  private boolean flushed() throws IOException {
    Waiting.await("sendFile", outbound.flush(), nothing -> {});
    return true;
  }

  /** False at the end of the file. */
  private boolean sendRead() throws IOException {
    BufferPool pool = stream.engine().pool();
    int size = (int) Math.min(end - at, pool.bufferSizeBytes());
    ByteBuf taken = pool.isTight() ? null : pool.tryTake();
    ByteBuf piece = taken != null ? taken : ByteBufAllocator.DEFAULT.directBuffer(size, size);
    boolean sent = false;
    try {
      ByteBuf part = piece.writableBytes() > size ? piece.slice(0, size).writerIndex(0) : piece;
      int count = file.read(part, at);
      if (count > 0) {
        outbound.send(part); // the stream's from now on, unless this throws
        sent = true;
        at += count;
      }
      return sent;
    } finally {
      if (!sent) {
        piece.release();
      }
    }
  }
}
