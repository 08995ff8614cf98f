package dev.headrace.loadgen.load;

import dev.headrace.buffer.BufferPool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/**
 * The memory of the lanes of one loop, side by side: blocks that each begin in a buffer of their
 * own would all fall on the same few sets of the processor's cache. Confined to the loop, but for
 * its end.
 */
final class Blocks {
  /** Of the memory that direct I/O takes. */
  private static final int ALIGNMENT = 4096;

  private final int blockBytes;
  private ByteBuf rest = Unpooled.EMPTY_BUFFER; // of a buffer that blocks are being taken from

  Blocks(int blockBytes) {
    this.blockBytes = blockBytes;
  }

  /** An aligned block, the caller's to release; the pool's where it fits and the pool has one. */
  ByteBuf take(BufferPool pool) {
    int stride = Math.ceilDiv(blockBytes, ALIGNMENT) * ALIGNMENT;
    if (rest.readableBytes() < stride) {
      close();
      ByteBuf pooled = stride <= pool.bufferSizeBytes() ? pool.tryTake() : null;
      if (pooled == null) {
        return Unpooled.wrappedBuffer(
            ByteBuffer.allocateDirect(blockBytes + ALIGNMENT)
                .alignedSlice(ALIGNMENT)
                .slice(0, blockBytes));
      }
      rest = pooled.writerIndex(pooled.capacity());
    }
    ByteBuf block = rest.retainedSlice(rest.readerIndex(), blockBytes);
    rest.skipBytes(stride);
    return block;
  }

  /** Gives back what no lane has taken. */
  void close() {
    rest.release();
    rest = Unpooled.EMPTY_BUFFER;
  }
}
