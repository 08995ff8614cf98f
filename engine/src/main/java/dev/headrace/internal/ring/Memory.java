package dev.headrace.internal.ring;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;

/**
 * Where a transfer reads to or writes from. The kernel wants an address that stays; what has none,
 * a heap buffer, is copied through memory that has.
 */
public sealed interface Memory {
  /** Of the first byte. */
  long address();

  /** In bytes. */
  int length();

  /** Whether nobody else uses it before {@link #release}. */
  boolean isOwned();

  /** So many bytes were transferred: moves the position of the buffer that the caller gave. */
  void moved(int bytes);

  /** The kernel is done with it. */
  void release();

  /**
   * What a read fills.
   *
   * @param buffer from its position to its limit
   */
  static Memory target(ByteBuffer buffer) {
    if (buffer.isReadOnly()) {
      throw new ReadOnlyBufferException();
    }
    if (buffer.isDirect()) {
      return new Direct(buffer, MemorySegment.ofBuffer(buffer).address());
    }
    return new Heap(buffer, Unpooled.directBuffer(buffer.remaining()), true);
  }

  /**
   * What a write takes from.
   *
   * @param buffer from its position to its limit
   */
  static Memory source(ByteBuffer buffer) {
    if (buffer.isDirect()) {
      return new Direct(buffer, MemorySegment.ofBuffer(buffer).address());
    }
    ByteBuf copy = Unpooled.directBuffer(buffer.remaining()).writeBytes(buffer.duplicate());
    return new Heap(buffer, copy, false);
  }

  /**
   * What a read fills: a reference is kept until the kernel is done.
   *
   * @param buffer its writable bytes
   */
  static Memory target(ByteBuf buffer) {
    if (buffer.isReadOnly()) {
      throw new ReadOnlyBufferException();
    }
    if (buffer.hasMemoryAddress()) {
      return new Counted(
          buffer.retain(),
          buffer.memoryAddress() + buffer.writerIndex(),
          buffer.writableBytes(),
          true);
    }
    return new Copied(
        buffer.retain(),
        Unpooled.directBuffer(buffer.writableBytes()),
        buffer.writableBytes(),
        true);
  }

  /**
   * What a write takes from: a reference is kept until the kernel is done.
   *
   * @param buffer its readable bytes
   */
  static Memory source(ByteBuf buffer) {
    if (buffer.hasMemoryAddress()) {
      return new Counted(
          buffer.retain(),
          buffer.memoryAddress() + buffer.readerIndex(),
          buffer.readableBytes(),
          false);
    }
    buffer.retain(); // first: it throws if the buffer is released already
    int length = buffer.readableBytes();
    ByteBuf copy = Unpooled.directBuffer(length).writeBytes(buffer, buffer.readerIndex(), length);
    return new Copied(buffer, copy, length, false);
  }

  /** The caller's own, which it may use again once the operation is done. */
  record Direct(ByteBuffer buffer, long address) implements Memory {
    @Override
    public int length() {
      return buffer.remaining();
    }

    @Override
    public boolean isOwned() {
      return false;
    }

    @Override
    public void moved(int bytes) {
      buffer.position(buffer.position() + bytes);
    }

    @Override
    public void release() {}
  }

  /** A heap buffer, copied. */
  record Heap(ByteBuffer buffer, ByteBuf copy, boolean isTarget) implements Memory {
    @Override
    public long address() {
      return copy.memoryAddress();
    }

    @Override
    public int length() {
      return buffer.remaining();
    }

    @Override
    public boolean isOwned() {
      return false; // its position tells what was done, once that is known
    }

    @Override
    public void moved(int bytes) {
      if (isTarget) {
        buffer.put(copy.nioBuffer(0, bytes));
      } else {
        buffer.position(buffer.position() + bytes);
      }
    }

    @Override
    public void release() {
      copy.release();
    }
  }

  /** A counted buffer that has an address: the pool's, most of all. */
  record Counted(ByteBuf buffer, long address, int length, boolean isTarget) implements Memory {
    @Override
    public boolean isOwned() {
      return true;
    }

    @Override
    public void moved(int bytes) {
      if (isTarget) {
        buffer.writerIndex(buffer.writerIndex() + bytes);
      } else {
        buffer.skipBytes(bytes);
      }
    }

    @Override
    public void release() {
      buffer.release();
    }
  }

  /** A counted buffer without an address, or of several parts. */
  record Copied(ByteBuf buffer, ByteBuf copy, int length, boolean isTarget) implements Memory {
    @Override
    public long address() {
      return copy.memoryAddress();
    }

    @Override
    public boolean isOwned() {
      return true;
    }

    @Override
    public void moved(int bytes) {
      if (isTarget) {
        buffer.writeBytes(copy, 0, bytes);
      } else {
        buffer.skipBytes(bytes);
      }
    }

    @Override
    public void release() {
      copy.release();
      buffer.release();
    }
  }
}
