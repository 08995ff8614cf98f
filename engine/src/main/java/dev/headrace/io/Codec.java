package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.IOException;

/**
 * Turns bytes into messages and messages into bytes. It knows neither where the bytes come from nor
 * where they go, so that it serves streams and datagrams alike.
 *
 * <p>It may remember what it has seen of a message that is not whole yet: each stream, and each
 * direction that another task uses, needs one of its own.
 *
 * @param <T> a message
 */
public interface Codec<T> {
  /**
   * Takes the next message off the bytes.
   *
   * @param bytes read from the reader index on, which is moved; they stay the caller's, and what is
   *     not read comes again with more behind it
   * @return the message, the caller's to release where it can be; null when more bytes are needed
   * @throws TooLongException when the message is longer than its limit; it is skipped, and the next
   *     call finds the one behind it
   * @throws IOException when the bytes are no such message
   */
  T decode(ByteBuf bytes) throws IOException;

  /**
   * Takes what is left at the end, when {@link #decode} wants more than there is.
   *
   * @param bytes at least one, read as {@link #decode} does
   * @return the message, or null when they are none
   * @throws IOException when the bytes are no such message
   */
  default T decodeLast(ByteBuf bytes) throws IOException {
    return null;
  }

  /**
   * Makes bytes of a message.
   *
   * @param message stays the caller's; the bytes hold it themselves where they need it
   * @return the caller's to release
   * @throws TooLongException when {@link #decode} would refuse its length
   * @throws IOException when there is no way to say this message
   */
  ByteBuf encode(T message) throws IOException;
}
