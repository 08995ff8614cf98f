package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/** Counts the bytes and forgets them. Written by one task at a time; any may ask for the count. */
public final class CountingSink implements ByteSink {
  private volatile long count;
  private volatile boolean ended;
  private volatile boolean closed;

  CountingSink() {}

  /**
   * How much was written so far.
   *
   * @return in bytes
   */
  public long count() {
    return count;
  }

  private void add(int bytes) throws IOException {
    Interrupts.check("write");
    if (ended || closed) {
      throw new ClosedChannelException();
    }
    long before = count;
    count = before + bytes;
  }

  @Override
  public void send(ByteBuf bytes) throws IOException {
    add(bytes.readableBytes());
    bytes.release();
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int length = source.remaining();
    add(length);
    source.position(source.limit());
    return length;
  }

  @Override
  public void flush() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public void shutdownOutput() {
    ended = true;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() {
    closed = true;
  }
}
