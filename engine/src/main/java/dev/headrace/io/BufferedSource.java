package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/**
 * Reads lines, numbers and other pieces of a source, and looks ahead.
 *
 * <p>One task uses it at a time, and uses the source through it only. It holds what it has gathered
 * for a piece that is not whole yet: a read that is interrupted, fails or meets the end has
 * consumed nothing, and the next one finds all of it. A single received buffer is kept as it is;
 * the parts of a piece that came in several are copied together. It holds no memory when nothing is
 * gathered.
 */
public final class BufferedSource implements ByteSource {
  private final ByteSource source;
  private final Gathered gathered = new Gathered();
  private long receivedBytes;

  /**
   * Reads through a new one.
   *
   * @param source closed with it
   */
  public BufferedSource(ByteSource source) {
    this.source = source;
  }

  /**
   * How much was consumed, less what was put back.
   *
   * @return in bytes since this was made
   */
  public long position() {
    return receivedBytes - gathered.size();
  }

  /**
   * How much is gathered: read without waiting.
   *
   * @return in bytes
   */
  public int gatheredBytes() {
    return gathered.size();
  }

  /**
   * Looks at what is next; waits for the first byte.
   *
   * @return what is gathered, at least one byte, until the next call of this source; not the
   *     caller's to release, and moving its indices consumes nothing; null at the end
   * @throws IOException as {@link #receive} does
   */
  public ByteBuf fill() throws IOException {
    return fill(1) ? gathered.bytes().duplicate() : null;
  }

  /**
   * Gathers until there is so much.
   *
   * @param atLeastBytes at least 0; memory grows to hold it
   * @return false when the end came before; what there is stays gathered
   * @throws IOException as {@link #receive} does
   */
  public boolean fill(int atLeastBytes) throws IOException {
    while (gathered.size() < atLeastBytes) {
      if (!gatherMore()) {
        return false;
      }
    }
    return true;
  }

  private boolean gatherMore() throws IOException {
    ByteBuf more = source.receive();
    if (more == null) {
      return false;
    }
    receivedBytes += more.readableBytes();
    gathered.append(more);
    return true;
  }

  /**
   * Moves on.
   *
   * @param countBytes at least 0, at most what is gathered
   * @throws IllegalArgumentException when it is more
   */
  public void consume(int countBytes) {
    if (countBytes < 0 || countBytes > gathered.size()) {
      throw new IllegalArgumentException(
          "countBytes is " + countBytes + ", gathered are " + gathered.size());
    }
    gathered.bytes().skipBytes(countBytes);
    gathered.trim();
  }

  @Override
  public ByteBuf receive() throws IOException {
    Interrupts.check("receive");
    if (!source.isOpen()) {
      gathered.release();
    }
    ByteBuf bytes = gathered.take();
    if (bytes == null) {
      bytes = source.receive();
      if (bytes != null) {
        receivedBytes += bytes.readableBytes();
      }
    }
    return bytes;
  }

  @Override
  public void unread(ByteBuf bytes) {
    if (source.isOpen()) {
      gathered.prepend(bytes);
    } else {
      bytes.release();
    }
  }

  /**
   * Reads so many bytes, or none.
   *
   * @param sizeBytes at least 0
   * @return as many
   * @throws java.io.EOFException when the source ends before; says after how many bytes
   * @throws IOException when the source fails
   */
  public byte[] readExact(int sizeBytes) throws IOException {
    require(sizeBytes);
    return taken(sizeBytes);
  }

  /**
   * Reads up to a delimiter.
   *
   * @param delimiter the last byte to read
   * @param limitBytes the most to accept, with the delimiter; at least 1
   * @return ends with the delimiter, or at the end of the source without; null when there is
   *     nothing
   * @throws TooLongException when there is no delimiter within the limit; nothing is consumed
   * @throws IOException when the source fails
   */
  public byte[] readUntil(byte delimiter, int limitBytes) throws IOException {
    Interrupts.check("readUntil");
    requireLimit(limitBytes);
    int found = find(delimiter, limitBytes);
    if (found >= limitBytes || found < 0 && gathered.size() > limitBytes) {
      throw new TooLongException("a piece", limitBytes);
    }
    int count = found < 0 ? gathered.size() : found + 1;
    return count == 0 ? null : taken(count);
  }

  /**
   * Reads a line of UTF-8 that ends with {@code \n} or {@code \r\n}, or with the source.
   *
   * @param limitBytes the most to accept, without the ending; at least 1
   * @return without its ending; null when there is nothing
   * @throws TooLongException when the line is longer; nothing is consumed
   * @throws java.nio.charset.CharacterCodingException when it is no UTF-8; nothing is consumed, and
   *     {@link #readUntil} takes it as bytes
   * @throws IOException when the source fails
   */
  public String readLine(int limitBytes) throws IOException {
    Interrupts.check("readLine");
    requireLimit(limitBytes);
    int found = find((byte) '\n', limitBytes);
    if (found < 0 && gathered.size() == limitBytes + 1L && peek(limitBytes) == '\r') {
      found = find((byte) '\n', limitBytes + 1L); // a carriage return may still be its ending
    }
    int size = found < 0 ? gathered.size() : found;
    if (found > 0 && peek(found - 1) == '\r') {
      size--;
    }
    if (size > limitBytes) {
      throw new TooLongException("a line", limitBytes);
    }
    if (found < 0 && size == 0) {
      return null;
    }
    ByteBuf bytes = gathered.bytes();
    String line = Reading.text(bytes.nioBuffer(bytes.readerIndex(), size), StandardCharsets.UTF_8);
    consume(found < 0 ? size : found + 1);
    return line;
  }

  /**
   * All lines up to the end, each as {@link #readLine} gives it.
   *
   * @param limitBytes the most to accept for one
   * @return read as they are asked for; an error is an {@link java.io.UncheckedIOException}
   */
  public Stream<String> lines(int limitBytes) {
    return Pieces.stream(() -> readLine(limitBytes));
  }

  /**
   * All that lies between delimiters, up to the end; after a last delimiter there is nothing.
   *
   * @param delimiter what ends a piece
   * @param limitBytes the most to accept for one, with its delimiter
   * @return without the delimiters, read as they are asked for; an error is an {@link
   *     java.io.UncheckedIOException}
   */
  public Stream<byte[]> split(byte delimiter, int limitBytes) {
    return Pieces.stream(() -> Pieces.without(delimiter, readUntil(delimiter, limitBytes)));
  }

  private static void requireLimit(int limitBytes) {
    if (limitBytes < 1) {
      throw new IllegalArgumentException("limitBytes is " + limitBytes + ", must be 1 or more");
    }
  }

  private byte peek(int index) {
    return gathered.bytes().getByte(gathered.bytes().readerIndex() + index);
  }

  /**
   * Where it is, counted from the next byte; -1 at the end, or when there is more than the limit.
   */
  private int find(byte value, long limitBytes) throws IOException {
    int searched = 0;
    while (true) {
      ByteBuf bytes = gathered.bytes();
      int start = bytes.readerIndex() + searched;
      int found = bytes.bytesBefore(start, bytes.readableBytes() - searched, value);
      if (found >= 0) {
        return searched + found;
      }
      searched = bytes.readableBytes();
      if (searched > limitBytes || !gatherMore()) {
        return -1;
      }
    }
  }

  private byte[] taken(int countBytes) {
    ByteBuf bytes = gathered.bytes();
    byte[] taken = ByteBufUtil.getBytes(bytes, bytes.readerIndex(), countBytes);
    consume(countBytes);
    return taken;
  }

  private ByteBuf require(int sizeBytes) throws IOException {
    Interrupts.check("read");
    if (!fill(sizeBytes)) {
      throw Reading.ended(gathered.size(), sizeBytes);
    }
    return gathered.bytes();
  }

  /**
   * Reads one byte.
   *
   * @return signed
   * @throws java.io.EOFException at the end
   * @throws IOException when the source fails
   */
  public byte readByte() throws IOException {
    byte value = require(1).getByte(gathered.bytes().readerIndex());
    consume(1);
    return value;
  }

  /**
   * Reads two bytes.
   *
   * @param order which comes first
   * @return signed; {@link Short#toUnsignedInt} for the other reading
   * @throws java.io.EOFException when the source ends before; nothing is consumed
   * @throws IOException when the source fails
   */
  public short readShort(ByteOrder order) throws IOException {
    ByteBuf bytes = require(Short.BYTES);
    int at = bytes.readerIndex();
    short value = order == ByteOrder.BIG_ENDIAN ? bytes.getShort(at) : bytes.getShortLE(at);
    consume(Short.BYTES);
    return value;
  }

  /**
   * Reads four bytes.
   *
   * @param order which comes first
   * @return signed; {@link Integer#toUnsignedLong} for the other reading
   * @throws java.io.EOFException when the source ends before; nothing is consumed
   * @throws IOException when the source fails
   */
  public int readInt(ByteOrder order) throws IOException {
    ByteBuf bytes = require(Integer.BYTES);
    int at = bytes.readerIndex();
    int value = order == ByteOrder.BIG_ENDIAN ? bytes.getInt(at) : bytes.getIntLE(at);
    consume(Integer.BYTES);
    return value;
  }

  /**
   * Reads eight bytes.
   *
   * @param order which comes first
   * @return signed
   * @throws java.io.EOFException when the source ends before; nothing is consumed
   * @throws IOException when the source fails
   */
  public long readLong(ByteOrder order) throws IOException {
    ByteBuf bytes = require(Long.BYTES);
    int at = bytes.readerIndex();
    long value = order == ByteOrder.BIG_ENDIAN ? bytes.getLong(at) : bytes.getLongLE(at);
    consume(Long.BYTES);
    return value;
  }

  /**
   * Reads four bytes of IEEE 754.
   *
   * @param order which comes first
   * @return the number
   * @throws java.io.EOFException when the source ends before; nothing is consumed
   * @throws IOException when the source fails
   */
  public float readFloat(ByteOrder order) throws IOException {
    return Float.intBitsToFloat(readInt(order));
  }

  /**
   * Reads eight bytes of IEEE 754.
   *
   * @param order which comes first
   * @return the number
   * @throws java.io.EOFException when the source ends before; nothing is consumed
   * @throws IOException when the source fails
   */
  public double readDouble(ByteOrder order) throws IOException {
    return Double.longBitsToDouble(readLong(order));
  }

  /**
   * Puts what is gathered back, so that the source can be used on its own again, this one no more.
   *
   * @return the source
   */
  public ByteSource unwrap() {
    ByteBuf bytes = gathered.take();
    if (bytes != null) {
      source.unread(bytes);
    }
    return source;
  }

  @Override
  public boolean isOpen() {
    return source.isOpen();
  }

  /** Closes the source, and forgets what is gathered. Only the task that reads may call it. */
  @Override
  public void close() throws IOException {
    gathered.release();
    source.close();
  }
}
