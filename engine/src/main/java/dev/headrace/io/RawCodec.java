package dev.headrace.io;

import io.netty.buffer.ByteBuf;

/** No frames. */
final class RawCodec implements Codec<ByteBuf> {
  @Override
  public ByteBuf decode(ByteBuf bytes) {
    return bytes.isReadable() ? bytes.readRetainedSlice(bytes.readableBytes()) : null;
  }

  @Override
  public ByteBuf encode(ByteBuf message) {
    return message.retainedSlice();
  }
}
