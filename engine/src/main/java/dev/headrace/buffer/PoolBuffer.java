package dev.headrace.buffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.lang.foreign.MemorySegment;

/**
 * A buffer of a {@link BufferPool}: it goes back to its pool, and the object with it, when its last
 * reference is released. Its capacity is fixed.
 */
final class PoolBuffer extends UnpooledDirectByteBuf {
  private static final ResourceLeakDetector<PoolBuffer> LEAKS =
      ResourceLeakDetectorFactory.instance().newResourceLeakDetector(PoolBuffer.class);

  private final BufferPool pool;
  private final long address;
  private ResourceLeakTracker<PoolBuffer> leak;
  private boolean inRing;

  PoolBuffer(BufferPool pool, MemorySegment memory) {
    super(UnpooledByteBufAllocator.DEFAULT, memory.asByteBuffer(), (int) memory.byteSize());
    this.pool = pool;
    this.address = memory.address();
    setRefCnt(0);
  }

  PoolBuffer taken() {
    resetRefCnt();
    setIndex(0, 0);
    leak = LEAKS.track(this);
    return this;
  }

  /** Marks that the kernel's ring owns this buffer until it has received into it. */
  PoolBuffer intoRing() {
    inRing = true;
    return this;
  }

  /**
   * Netty's ring slices what the kernel filled, then releases the whole. A ring buffer is received
   * into once, so that the slice is the whole: this very object is handed on, and nothing is
   * allocated.
   */
  @Override
  public ByteBuf retainedSlice(int index, int length) {
    if (inRing && index == 0 && writerIndex() == 0) {
      inRing = false;
      return retain();
    }
    return super.retainedSlice(index, length);
  }

  @Override
  public boolean hasMemoryAddress() {
    return true;
  }

  @Override
  public long memoryAddress() {
    return address;
  }

  @Override
  public ByteBuf capacity(int newCapacity) {
    if (newCapacity == capacity()) {
      return this;
    }
    throw new UnsupportedOperationException(
        "a pool buffer holds "
            + capacity()
            + " bytes and cannot be made to hold "
            + newCapacity
            + ": slice it, or copy into a buffer of the channel's allocator");
  }

  @Override
  public ByteBuf touch(Object hint) {
    if (leak != null) {
      leak.record(hint);
    }
    return this;
  }

  @Override
  public ByteBuf touch() {
    return touch(null);
  }

  @Override
  protected void deallocate() {
    if (leak != null) {
      leak.close(this);
      leak = null;
    }
    inRing = false;
    pool.giveBack(this);
  }
}
