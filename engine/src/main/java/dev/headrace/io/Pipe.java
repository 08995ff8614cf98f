package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bytes in memory on their way from one task to another, bounded: a writer waits while it is full,
 * a reader while it is empty.
 */
final class Pipe {
  /** A buffer up to this size is copied behind others: byte by byte must not cost one each. */
  private static final int SMALL_BYTES = 256;

  private enum Writer {
    OPEN,
    ENDED,
    CLOSED
  }

  private final int capacityBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition readable = lock.newCondition();
  private final Condition writable = lock.newCondition();
  private final ArrayDeque<ByteBuf> queue = new ArrayDeque<>();
  private final ByteSource source = new Out();
  private final ByteSink sink = new In();
  private ByteBuf tail; // the queue's last, if it was allocated here: there is room behind
  private long queuedBytes;
  private Writer writer = Writer.OPEN;
  private boolean readerClosed;
  private IOException failure;

  Pipe(int capacityBytes) {
    if (capacityBytes < 1) {
      throw new IllegalArgumentException(
          "capacityBytes is " + capacityBytes + ", must be 1 or more");
    }
    this.capacityBytes = capacityBytes;
  }

  ByteSource source() {
    return source;
  }

  ByteSink sink() {
    return sink;
  }

  /** Ends the stream with an error, which the reader gets after all that was written. */
  void fail(IOException cause) {
    lock.lock();
    try {
      failure = cause;
      readable.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static void await(Condition condition, String operation) throws IOException {
    try {
      condition.await();
    } catch (InterruptedException e) {
      throw Interrupts.interrupted(operation);
    }
  }

  private void awaitRoom(long bytes) throws IOException {
    while (true) {
      if (writer != Writer.OPEN) {
        throw new ClosedChannelException();
      }
      if (readerClosed) {
        throw new IOException("the pipe is broken: its reading end is closed");
      }
      if (bytes == 0 || queuedBytes + bytes <= capacityBytes) {
        return;
      }
      await(writable, "write");
    }
  }

  /** Copies behind what is queued. */
  private void copy(ByteBuf bytes) {
    int count = bytes.readableBytes();
    if (tail == null || tail.maxWritableBytes() < count) {
      int most = Math.max(count, ByteSink.CHUNK_BYTES);
      ByteBuf added = ByteBufAllocator.DEFAULT.buffer(Math.max(count, SMALL_BYTES), most);
      queue.add(added);
      tail = added;
    }
    tail.writeBytes(bytes);
  }

  private void queued(int count) {
    queuedBytes += count;
    readable.signalAll();
  }

  private void endWriter(Writer state) {
    lock.lock();
    try {
      if (writer != Writer.CLOSED) {
        writer = state;
      }
      readable.signalAll();
      writable.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private final class Out implements ByteSource {
    @Override
    public ByteBuf receive() throws IOException {
      Interrupts.check("receive");
      lock.lock();
      try {
        while (true) {
          if (readerClosed) {
            throw new ClosedChannelException();
          }
          ByteBuf bytes = queue.poll();
          if (bytes != null) {
            if (bytes == tail) {
              tail = null;
            }
            queuedBytes -= bytes.readableBytes();
            writable.signalAll();
            return bytes;
          }
          if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
          }
          if (writer != Writer.OPEN) {
            return null;
          }
          await(readable, "receive");
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void unread(ByteBuf bytes) {
      lock.lock();
      try {
        if (readerClosed || !bytes.isReadable()) {
          bytes.release();
        } else {
          queue.addFirst(bytes);
          queuedBytes += bytes.readableBytes();
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public boolean isOpen() {
      lock.lock();
      try {
        return !readerClosed;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        readerClosed = true;
        queue.forEach(ByteBuf::release);
        queue.clear();
        tail = null;
        queuedBytes = 0;
        readable.signalAll();
        writable.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private final class In implements ByteSink {
    /** One that is larger than the capacity waits until the pipe is empty. */
    @Override
    public void send(ByteBuf bytes) throws IOException {
      Interrupts.check("send");
      lock.lock();
      try {
        int count = bytes.readableBytes();
        awaitRoom(Math.min(count, capacityBytes));
        if (count <= SMALL_BYTES) {
          if (count > 0) {
            copy(bytes.duplicate());
          }
          bytes.release();
        } else {
          queue.add(bytes);
          tail = null;
        }
        queued(count);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      Interrupts.check("write");
      int length = bytes.remaining();
      lock.lock();
      try {
        do {
          awaitRoom(Math.min(1, bytes.remaining()));
          int count = (int) Math.min(capacityBytes - queuedBytes, bytes.remaining());
          if (count > 0) {
            copy(Unpooled.wrappedBuffer(bytes.slice(bytes.position(), count)));
            bytes.position(bytes.position() + count);
            queued(count);
          }
        } while (bytes.hasRemaining());
      } finally {
        lock.unlock();
      }
      return length;
    }

    /** Nothing lies below: what is in the pipe has left. */
    @Override
    public void flush() throws IOException {
      Interrupts.check("flush");
      lock.lock();
      try {
        if (writer == Writer.CLOSED) {
          throw new ClosedChannelException();
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void shutdownOutput() {
      endWriter(Writer.ENDED);
    }

    @Override
    public boolean isOpen() {
      lock.lock();
      try {
        return writer != Writer.CLOSED;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      endWriter(Writer.CLOSED);
    }
  }
}
