package dev.headrace.internal.transport;

import dev.headrace.buffer.BufferPool;
import dev.headrace.internal.loop.LoopThread;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * Where readiness transports read into: the loop's pool, last in first out, so that a quiet
 * connection holds nothing and a busy loop reads into memory that is still in the cache. At the
 * pool's bound it falls back to the channel's allocator: what the kernel holds ready must be read.
 */
final class PoolRecvAllocator extends DefaultMaxMessagesRecvByteBufAllocator {
  static final PoolRecvAllocator INSTANCE = new PoolRecvAllocator();

  private PoolRecvAllocator() {}

  @Override
  @SuppressWarnings("deprecation")
  public Handle newHandle() {
    return new PoolHandle();
  }

  private final class PoolHandle extends MaxMessageHandle {
    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      BufferPool pool = LoopThread.currentPool();
      ByteBuf buffer = pool == null ? null : pool.tryTake();
      return buffer == null ? allocator.ioBuffer(guess()) : buffer;
    }

    @Override
    public int guess() {
      BufferPool pool = LoopThread.currentPool();
      return pool == null ? 4096 : pool.bufferSizeBytes();
    }
  }
}
