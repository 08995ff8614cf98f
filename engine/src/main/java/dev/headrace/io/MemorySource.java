package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads bytes that are in memory. They are not copied: whoever changes them meanwhile changes what
 * is read. It can be read again, from any position.
 *
 * <p>One task uses it at a time. It never blocks.
 */
public final class MemorySource implements ByteSource {
  private final ByteBuf memory;
  private final Front front = new Front();
  private long aheadBytes; // put back, and not what the memory holds there
  private int next;

  MemorySource(ByteBuffer bytes) {
    this.memory = Unpooled.wrappedBuffer(bytes).asReadOnly();
  }

  /**
   * How much there is in all.
   *
   * @return in bytes
   */
  public int size() {
    return memory.writerIndex();
  }

  /**
   * Where the next byte is read from.
   *
   * @return in bytes from the start, at most {@link #size()}
   */
  public int position() {
    return (int) Math.max(0, next - aheadBytes);
  }

  /**
   * Reads on from somewhere else; what was put back is forgotten.
   *
   * @param position in bytes from the start
   * @throws IllegalArgumentException when it is below 0 or above {@link #size()}
   * @throws IOException when this source is closed
   */
  public void seek(int position) throws IOException {
    if (position < 0 || position > size()) {
      throw new IllegalArgumentException("position " + position + " is not in 0.." + size());
    }
    for (ByteBuf bytes = front.take(); bytes != null; bytes = front.take()) {
      bytes.release();
    }
    aheadBytes = 0;
    next = position;
  }

  /**
   * Reads on from the start.
   *
   * @throws IOException when this source is closed
   */
  public void rewind() throws IOException {
    seek(0);
  }

  @Override
  public ByteBuf receive() throws IOException {
    Interrupts.check("receive");
    ByteBuf bytes = front.take();
    if (bytes != null) {
      aheadBytes -= bytes.readableBytes();
      return bytes;
    }
    int count = Math.min(ByteSink.CHUNK_BYTES, size() - next);
    if (count == 0) {
      return null;
    }
    next += count;
    return memory.retainedSlice(next - count, count);
  }

  /** {@inheritDoc} Its own bytes just move the position back. */
  @Override
  public void unread(ByteBuf bytes) {
    int count = bytes.readableBytes();
    boolean own =
        aheadBytes == 0
            && count <= next
            && ByteBufUtil.equals(memory, next - count, bytes, bytes.readerIndex(), count);
    if (own) {
      next -= count;
      bytes.release();
    } else {
      aheadBytes += count;
      front.put(bytes);
    }
  }

  @Override
  public boolean isOpen() {
    return front.isOpen();
  }

  @Override
  public void close() {
    front.close();
  }
}
