package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import java.io.IOException;
import java.util.Arrays;

/** Frames that end with a delimiter. */
final class DelimiterCodec implements Codec<ByteBuf> {
  private final ByteBuf[] delimiters;
  private final Decoder decoder;
  private final int maxLength;

  DelimiterCodec(int maxLength, byte[]... delimiters) {
    this.maxLength = maxLength;
    this.delimiters = Arrays.stream(delimiters).map(Unpooled::copiedBuffer).toArray(ByteBuf[]::new);
    this.decoder = new Decoder(maxLength, this.delimiters);
  }

  private static final class Decoder extends DelimiterBasedFrameDecoder
      implements NettyFrames.Decoder {
    Decoder(int maxLength, ByteBuf... delimiters) {
      super(maxLength, true, true, delimiters);
    }

    @Override
    public Object decode(ChannelHandlerContext context, ByteBuf bytes) throws Exception {
      return super.decode(context, bytes);
    }
  }

  @Override
  public ByteBuf decode(ByteBuf bytes) throws IOException {
    return NettyFrames.next(decoder, bytes, maxLength);
  }

  @Override
  public ByteBuf encode(ByteBuf message) throws IOException {
    if (message.readableBytes() > maxLength) {
      throw new TooLongException("a frame", maxLength);
    }
    for (ByteBuf delimiter : delimiters) {
      if (ByteBufUtil.indexOf(delimiter, message) >= 0) {
        throw new IOException("a delimiter within a frame would make two of it");
      }
    }
    return Unpooled.wrappedBuffer(message.retainedSlice(), delimiters[0].retainedSlice());
  }
}
