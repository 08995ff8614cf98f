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
    for (ByteBuf each : this.delimiters) {
      requireNoneWithin(each);
    }
  }

  /** Which of the two ends a frame would depend on how the bytes were sliced on their way. */
  private void requireNoneWithin(ByteBuf delimiter) {
    for (ByteBuf other : delimiters) {
      int at = ByteBufUtil.indexOf(other, delimiter);
      if (at >= 0 && at + other.readableBytes() < delimiter.readableBytes()) {
        throw new IllegalArgumentException(
            "the delimiter "
                + ByteBufUtil.hexDump(delimiter)
                + " holds another before its end: "
                + ByteBufUtil.hexDump(other));
      }
    }
  }

  private static final class Decoder extends DelimiterBasedFrameDecoder
      implements NettyFrames.Decoder {
    private final ByteBuf[] delimiters;

    Decoder(int maxLength, ByteBuf... delimiters) {
      super(NettyFrames.limitWith(maxLength, longest(delimiters)), true, true, delimiters);
      this.delimiters = delimiters;
    }

    private static int longest(ByteBuf... delimiters) {
      return Arrays.stream(delimiters).mapToInt(ByteBuf::readableBytes).max().orElse(1);
    }

    @Override
    public Object decode(ChannelHandlerContext context, ByteBuf bytes) throws Exception {
      int start = bytes.readerIndex();
      try {
        return super.decode(context, bytes);
      } finally {
        if (!bytes.isReadable()
            && !holdsDelimiter(bytes.slice(start, bytes.writerIndex() - start))) {
          keepStartOfDelimiter(bytes, start);
        }
      }
    }

    private boolean holdsDelimiter(ByteBuf bytes) {
      return Arrays.stream(delimiters).anyMatch(each -> ByteBufUtil.indexOf(each, bytes) >= 0);
    }

    /** Netty skips a frame with the start of its delimiter, and would skip the next one too. */
    private void keepStartOfDelimiter(ByteBuf bytes, int start) {
      int end = bytes.writerIndex();
      for (int keep = Math.min(longest(delimiters) - 1, end - start); keep > 0; keep--) {
        for (ByteBuf delimiter : delimiters) {
          if (keep < delimiter.readableBytes()
              && ByteBufUtil.equals(delimiter, 0, bytes, end - keep, keep)) {
            bytes.readerIndex(end - keep);
            return;
          }
        }
      }
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
