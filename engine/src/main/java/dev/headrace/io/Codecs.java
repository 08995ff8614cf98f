package dev.headrace.io;

import io.netty.buffer.ByteBuf;

/** The codecs that most protocols begin with; Netty's own decoders find the frames. */
public final class Codecs {
  private Codecs() {}

  /**
   * No frames: a message is whatever came together.
   *
   * @return a new codec
   */
  public static Codec<ByteBuf> bytes() {
    return new RawCodec();
  }

  /**
   * Lines of UTF-8 that end with {@code \n} or {@code \r\n}; the last one may end with the stream.
   * They are written with {@code \n}, and a line that holds one is refused.
   *
   * @param maxLength the longest line without its ending, in bytes, at least 1; a longer one is
   *     skipped with a {@link TooLongException}, one that is no UTF-8 with a {@link
   *     java.nio.charset.CharacterCodingException}
   * @return a new codec
   */
  public static Codec<String> lines(int maxLength) {
    return new LineCodec(maxLength);
  }

  /**
   * Frames that end with a delimiter, whichever comes first. They are written with the first one,
   * and a frame that holds one is refused.
   *
   * @param maxLength the longest frame without its delimiter, in bytes, at least 1; a longer one is
   *     skipped with a {@link TooLongException}
   * @param delimiters at least one, each of at least one byte; none may hold another but at its
   *     end; copied
   * @return a new codec, whose frames come without the delimiters
   */
  public static Codec<ByteBuf> delimited(int maxLength, byte[]... delimiters) {
    return new DelimiterCodec(maxLength, delimiters);
  }

  /**
   * Frames that say their length.
   *
   * @param options how
   * @return a new codec; a frame that is too long is skipped with a {@link TooLongException}, one
   *     whose length makes no sense is an error, after which there is nothing to go on with
   */
  public static Codec<ByteBuf> lengthDelimited(LengthDelimited options) {
    return new LengthCodec(options);
  }
}
