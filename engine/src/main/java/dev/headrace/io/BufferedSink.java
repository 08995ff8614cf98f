package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;

/**
 * Gathers small writes: they go down together when the buffer is full, and with {@link #flush}.
 *
 * <p>One task uses it at a time. A write or flush that is interrupted or fails keeps what the sink
 * below has not taken; the next one goes on with it. It holds no memory when nothing is gathered.
 */
public final class BufferedSink implements ByteSink {
  /** How much is gathered where nothing else is said, in bytes. */
  public static final int DEFAULT_BUFFER_BYTES = 8 << 10;

  private final ByteSink sink;
  private final int bufferBytes;
  private ByteBuf gathered; // null while there is nothing in it
  private long takenBytes;
  private boolean ended;

  /**
   * Gathers up to {@link #DEFAULT_BUFFER_BYTES}.
   *
   * @param sink closed with it
   */
  public BufferedSink(ByteSink sink) {
    this(sink, DEFAULT_BUFFER_BYTES);
  }

  /**
   * Writes through a new one.
   *
   * @param sink closed with it
   * @param bufferBytes how much to gather, at least 8; a sent buffer of this size goes down as it
   *     is
   */
  public BufferedSink(ByteSink sink, int bufferBytes) {
    if (bufferBytes < Long.BYTES) {
      throw new IllegalArgumentException("bufferBytes is " + bufferBytes + ", must be 8 or more");
    }
    this.sink = sink;
    this.bufferBytes = bufferBytes;
  }

  /**
   * How much was written, gathered or gone down.
   *
   * @return in bytes since this was made
   */
  public long position() {
    return takenBytes;
  }

  /**
   * How much is gathered: not gone down yet.
   *
   * @return in bytes
   */
  public int gatheredBytes() {
    return gathered == null ? 0 : gathered.readableBytes();
  }

  private void check(String operation) throws IOException {
    Interrupts.check(operation);
    if (ended || !sink.isOpen()) {
      throw new ClosedChannelException();
    }
  }

  private void push() throws IOException {
    if (gathered != null) {
      sink.send(gathered);
      gathered = null;
    }
  }

  private ByteBuf buffer() {
    if (gathered == null) {
      gathered = ByteBufAllocator.DEFAULT.buffer(bufferBytes, bufferBytes);
    }
    return gathered;
  }

  /** Where so many bytes, at most a buffer full, can be written. */
  private ByteBuf room(int countBytes) throws IOException {
    check("write");
    if (gatheredBytes() + countBytes > bufferBytes) {
      push();
    }
    takenBytes += countBytes;
    return buffer();
  }

  @Override
  public void send(ByteBuf bytes) throws IOException {
    int count = bytes.readableBytes();
    if (count > 0 && count < bufferBytes) {
      room(count).writeBytes(bytes, bytes.readerIndex(), count);
      bytes.release();
      return;
    }
    check("send");
    push();
    sink.send(bytes);
    takenBytes += count;
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    check("write");
    int length = source.remaining();
    while (source.hasRemaining()) {
      if (gatheredBytes() == bufferBytes) {
        push();
      }
      int count = Math.min(source.remaining(), bufferBytes - gatheredBytes());
      buffer().writeBytes(source.slice(source.position(), count));
      source.position(source.position() + count);
      takenBytes += count;
    }
    return length;
  }

  /**
   * Writes one byte.
   *
   * @param value its low eight bits
   * @throws IOException as {@link #send} does; nothing was taken
   */
  public void writeByte(int value) throws IOException {
    room(1).writeByte(value);
  }

  /**
   * Writes two bytes.
   *
   * @param value its low sixteen bits
   * @param order which comes first
   * @throws IOException as {@link #send} does; nothing was taken
   */
  public void writeShort(int value, ByteOrder order) throws IOException {
    ByteBuf room = room(Short.BYTES);
    if (order == ByteOrder.BIG_ENDIAN) {
      room.writeShort(value);
    } else {
      room.writeShortLE(value);
    }
  }

  /**
   * Writes four bytes.
   *
   * @param value any
   * @param order which comes first
   * @throws IOException as {@link #send} does; nothing was taken
   */
  public void writeInt(int value, ByteOrder order) throws IOException {
    ByteBuf room = room(Integer.BYTES);
    if (order == ByteOrder.BIG_ENDIAN) {
      room.writeInt(value);
    } else {
      room.writeIntLE(value);
    }
  }

  /**
   * Writes eight bytes.
   *
   * @param value any
   * @param order which comes first
   * @throws IOException as {@link #send} does; nothing was taken
   */
  public void writeLong(long value, ByteOrder order) throws IOException {
    ByteBuf room = room(Long.BYTES);
    if (order == ByteOrder.BIG_ENDIAN) {
      room.writeLong(value);
    } else {
      room.writeLongLE(value);
    }
  }

  /**
   * Writes four bytes of IEEE 754.
   *
   * @param value any
   * @param order which comes first
   * @throws IOException as {@link #send} does; nothing was taken
   */
  public void writeFloat(float value, ByteOrder order) throws IOException {
    writeInt(Float.floatToRawIntBits(value), order);
  }

  /**
   * Writes eight bytes of IEEE 754.
   *
   * @param value any
   * @param order which comes first
   * @throws IOException as {@link #send} does; nothing was taken
   */
  public void writeDouble(double value, ByteOrder order) throws IOException {
    writeLong(Double.doubleToRawLongBits(value), order);
  }

  @Override
  public void flush() throws IOException {
    Interrupts.check("flush");
    push();
    sink.flush();
  }

  @Override
  public void shutdownOutput() throws IOException {
    push();
    ended = true;
    sink.shutdownOutput();
  }

  @Override
  public boolean isOpen() {
    return sink.isOpen();
  }

  /**
   * Sends what is gathered, and closes the sink in any case. Only the task that writes may call it.
   *
   * @throws IOException when what is gathered could not be sent, and is lost
   */
  @Override
  public void close() throws IOException {
    try (sink) {
      if (sink.isOpen()) {
        push();
      }
    } finally {
      if (gathered != null) {
        gathered.release();
        gathered = null;
      }
    }
  }
}
