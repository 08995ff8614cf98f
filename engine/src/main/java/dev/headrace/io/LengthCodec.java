package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Frames that say their length. */
final class LengthCodec implements Codec<ByteBuf> {
  private final LengthDelimited options;
  private final Decoder decoder;
  private final Encoder encoder;

  LengthCodec(LengthDelimited options) {
    this.options = options;
    this.decoder = new Decoder(options);
    this.encoder = new Encoder(options);
  }

  private static final class Decoder extends LengthFieldBasedFrameDecoder
      implements NettyFrames.Decoder {
    Decoder(LengthDelimited options) {
      super(
          options.order(),
          options.maxFrameLength(),
          options.lengthFieldOffset(),
          options.lengthFieldLength(),
          options.lengthAdjustment(),
          options.initialBytesToStrip(),
          true);
    }

    @Override
    public Object decode(ChannelHandlerContext context, ByteBuf bytes) throws Exception {
      return super.decode(context, bytes);
    }
  }

  private static final class Encoder extends LengthFieldPrepender {
    /** The field counts a message whose frame is longer by what a reader strips. */
    Encoder(LengthDelimited options) {
      super(
          options.order(),
          options.lengthFieldLength(),
          options.initialBytesToStrip()
              - options.lengthFieldOffset()
              - options.lengthFieldLength()
              - options.lengthAdjustment(),
          false);
    }

    /** The field, then the message, retained. */
    List<Object> parts(ByteBuf message) throws IOException {
      List<Object> parts = new ArrayList<>(2);
      try {
        encode(NettyFrames.CONTEXT, message, parts);
        return parts;
      } catch (IllegalArgumentException e) {
        throw new IOException("the length field cannot say it: " + e.getMessage(), e);
      } catch (RuntimeException | IOException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }

  @Override
  public ByteBuf decode(ByteBuf bytes) throws IOException {
    return NettyFrames.next(decoder, bytes, options.maxFrameLength());
  }

  @Override
  public ByteBuf encode(ByteBuf message) throws IOException {
    long frameLength = (long) message.readableBytes() + options.initialBytesToStrip();
    if (frameLength > options.maxFrameLength()) {
      throw new TooLongException("a frame", options.maxFrameLength());
    }
    if (options.initialBytesToStrip() == 0) {
      return message.retainedSlice();
    }
    List<Object> parts = encoder.parts(message);
    int behindField =
        options.initialBytesToStrip() - options.lengthFieldOffset() - options.lengthFieldLength();
    return Unpooled.wrappedBuffer(
        zeros(options.lengthFieldOffset()),
        (ByteBuf) parts.get(0),
        zeros(behindField),
        (ByteBuf) parts.get(1));
  }

  private static ByteBuf zeros(int count) {
    return count == 0 ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(new byte[count]);
  }
}
