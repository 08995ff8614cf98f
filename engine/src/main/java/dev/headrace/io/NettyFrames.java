package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * Calls Netty's frame decoders outside of a pipeline, so that the bytes which are not decoded yet
 * stay with the reader: an interrupt loses none, and a stream can go on without the codec.
 */
final class NettyFrames {
  /** All that the decoders ask of a context: memory, and a way to fail. */
  static final ChannelHandlerContext CONTEXT =
      (ChannelHandlerContext)
          Proxy.newProxyInstance(
              ChannelHandlerContext.class.getClassLoader(),
              new Class<?>[] {ChannelHandlerContext.class},
              (proxy, method, arguments) -> answer(method, arguments));

  private NettyFrames() {}

  private static Object answer(Method method, Object[] arguments) throws Throwable {
    return switch (method.getName()) {
      case "alloc" -> ByteBufAllocator.DEFAULT;
      case "fireExceptionCaught" -> throw (Throwable) arguments[0];
      default -> throw new UnsupportedOperationException(method + " outside of a pipeline");
    };
  }

  /** One of Netty's decoders. */
  interface Decoder {
    Object decode(ChannelHandlerContext context, ByteBuf bytes) throws Exception;
  }

  /**
   * What to tell a decoder that counts the start of a delimiter as content, as long as it has not
   * seen the rest of it.
   */
  static int limitWith(int maxLength, int delimiterLength) {
    return (int) Math.min(Integer.MAX_VALUE, (long) maxLength + delimiterLength - 1);
  }

  /** The next frame, null when more bytes are needed. */
  static ByteBuf next(Decoder decoder, ByteBuf bytes, int limitBytes) throws IOException {
    try {
      while (true) {
        int before = bytes.readableBytes();
        ByteBuf frame = (ByteBuf) decoder.decode(CONTEXT, bytes);
        if (frame != null && frame.readableBytes() > limitBytes) {
          frame.release();
          throw new TooLongException("a frame", limitBytes);
        }
        if (frame != null || bytes.readableBytes() == before || !bytes.isReadable()) {
          return frame;
        }
        // The end of a frame that is skipped: the next one may be there already.
      }
    } catch (TooLongFrameException e) {
      throw new TooLongException("a frame", limitBytes);
    } catch (DecoderException e) {
      throw new IOException("the bytes are no frame: " + e.getMessage(), e);
    } catch (RuntimeException | IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
