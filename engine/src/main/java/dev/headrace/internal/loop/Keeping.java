package dev.headrace.internal.loop;

import dev.headrace.buffer.BufferPool;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.ReferenceCountUtil;

/**
 * What is kept for a slow task or a slow peer must not tie up the loop's pool: a message of 64
 * bytes may hold a buffer of 16 KiB, and a pool that runs short stops the reading of all. So where
 * the pool is tight it is the bytes that are kept, and the buffer goes back. Confined to the loop.
 */
public final class Keeping {
  private Keeping() {}

  /**
   * Whether to keep a copy rather than a buffer of the pool.
   *
   * @param isPassing whether whoever takes it has been quick so far
   */
  public static boolean asCopy(BufferPool pool, boolean isPassing) {
    return isPassing ? pool.isScarce() : pool.isTight();
  }

  /**
   * What to write for a message: itself, or a copy of it where the channel is slow.
   *
   * @param channel of the calling loop
   * @param message is released if it was copied
   */
  public static Object forWriting(Channel channel, Object message) {
    return message instanceof ByteBuf bytes ? forWriting(channel, bytes) : message;
  }

  /** The same. */
  public static ByteBuf forWriting(Channel channel, ByteBuf bytes) {
    ChannelOutboundBuffer unsent = channel.unsafe().outboundBuffer();
    boolean isPassing = unsent == null || unsent.size() == 0;
    if (!asCopy(((Loop) channel.eventLoop()).pool(), isPassing)) {
      return bytes;
    }
    try {
      return channel.alloc().buffer(bytes.readableBytes()).writeBytes(bytes);
    } finally {
      ReferenceCountUtil.release(bytes);
    }
  }
}
