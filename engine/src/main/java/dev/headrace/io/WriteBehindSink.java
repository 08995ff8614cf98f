package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Hands what is written to a thread that may block, and waits for it only in {@link #flush}. */
final class WriteBehindSink implements ByteSink {
  private final OutputStream stream;
  private final Pipe pipe;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition progress = lock.newCondition();
  private long takenBytes;
  private long writtenBytes;
  private IOException failure;

  WriteBehindSink(OutputStream stream, int capacityBytes) {
    this.stream = stream;
    this.pipe = new Pipe(capacityBytes);
  }

  /** What the thread does, until this sink has ended or the stream has failed. */
  void drain() {
    ByteSource source = pipe.source();
    try (source) {
      for (ByteBuf bytes = source.receive(); bytes != null; bytes = source.receive()) {
        int count = bytes.readableBytes();
        try {
          bytes.readBytes(stream, count);
          stream.flush();
        } finally {
          bytes.release();
        }
        written(count, null);
      }
    } catch (IOException e) {
      written(0, e);
    }
  }

  private void written(int count, IOException cause) {
    lock.lock();
    try {
      writtenBytes += count;
      failure = cause;
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void taken(int count) {
    lock.lock();
    takenBytes += count;
    lock.unlock();
  }

  private void checkFailure() throws IOException {
    if (failure != null) {
      throw new IOException(failure.getMessage(), failure);
    }
  }

  @Override
  public void send(ByteBuf bytes) throws IOException {
    int count = bytes.readableBytes();
    pipe.sink().send(bytes);
    taken(count);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int before = source.position();
    try {
      return pipe.sink().write(source);
    } finally {
      taken(source.position() - before);
    }
  }

  @Override
  public void flush() throws IOException {
    Interrupts.check("flush");
    lock.lock();
    try {
      while (writtenBytes < takenBytes) {
        checkFailure();
        progress.await();
      }
      checkFailure();
    } catch (InterruptedException e) {
      throw Interrupts.interrupted("flush");
    } finally {
      lock.unlock();
    }
    pipe.sink().flush();
  }

  @Override
  public void shutdownOutput() throws IOException {
    pipe.sink().shutdownOutput();
  }

  @Override
  public boolean isOpen() {
    return pipe.sink().isOpen();
  }

  @Override
  public void close() throws IOException {
    pipe.sink().close();
  }
}
