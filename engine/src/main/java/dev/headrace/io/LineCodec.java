package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/** Lines of UTF-8. */
final class LineCodec implements Codec<String> {
  private final Decoder decoder;
  private final int maxLength;

  LineCodec(int maxLength) {
    if (maxLength < 1) {
      throw new IllegalArgumentException("maxLength is " + maxLength + ", must be 1 or more");
    }
    this.maxLength = maxLength;
    this.decoder = new Decoder(maxLength);
  }

  private static final class Decoder extends LineBasedFrameDecoder implements NettyFrames.Decoder {
    Decoder(int maxLength) {
      super(NettyFrames.limitWith(maxLength, 2), true, true);
    }

    @Override
    public Object decode(ChannelHandlerContext context, ByteBuf bytes) throws Exception {
      return super.decode(context, bytes);
    }
  }

  private static String text(ByteBuf line) throws IOException {
    try {
      return Reading.text(line.nioBuffer(), StandardCharsets.UTF_8);
    } finally {
      line.release();
    }
  }

  @Override
  public String decode(ByteBuf bytes) throws IOException {
    ByteBuf line = NettyFrames.next(decoder, bytes, maxLength);
    return line == null ? null : text(line);
  }

  @Override
  public String decodeLast(ByteBuf bytes) throws IOException {
    return text(bytes.readRetainedSlice(bytes.readableBytes()));
  }

  @Override
  public ByteBuf encode(String line) throws IOException {
    if (line.indexOf('\n') >= 0) {
      throw new IOException("a line feed within a line would make two of it");
    }
    ByteBuf bytes =
        Unpooled.wrappedBuffer(
            StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(line + '\n')));
    if (bytes.readableBytes() - 1 > maxLength) {
      bytes.release();
      throw new TooLongException("a line", maxLength);
    }
    return bytes;
  }
}
