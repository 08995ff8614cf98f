package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.Channel;
import java.nio.charset.CharacterCodingException;
import java.util.stream.Stream;

/**
 * Reads messages. It holds the bytes of the one that is not whole yet, so that an interrupted read
 * loses none, and no more than the codec's limit and one received buffer of them.
 *
 * <p>One task uses it at a time, and uses the source through it only.
 *
 * @param <T> a message
 */
public final class FrameReader<T> implements Channel {
  private final ByteSource source;
  private final Codec<T> codec;
  private final Gathered gathered = new Gathered();
  private IOException broken;

  /**
   * Reads through a new one.
   *
   * @param source closed with it
   * @param codec for this reader only
   */
  public FrameReader(ByteSource source, Codec<T> codec) {
    this.source = source;
    this.codec = codec;
  }

  /**
   * Reads one message; waits until it is whole.
   *
   * @return the message, the caller's to release where it can be; null at the end
   * @throws java.io.InterruptedIOException when the calling task is interrupted; nothing is lost
   * @throws TooLongException when the message is longer than the codec's limit; the next read skips
   *     the rest of it
   * @throws EOFException when the source ends within a message; nothing of it is consumed
   * @throws IOException when the source fails, or the bytes are no message; where the next one
   *     begins is unknown then, unless the codec says otherwise, and each further read fails alike
   */
  public T read() throws IOException {
    Interrupts.check("read");
    if (broken != null) {
      throw new IOException(broken.getMessage(), broken);
    }
    while (true) {
      T message = gathered.size() > 0 ? decode() : null;
      if (message != null) {
        return message;
      }
      ByteBuf more = source.receive();
      if (more == null) {
        return last();
      }
      gathered.append(more);
    }
  }

  /**
   * All messages up to the end.
   *
   * @return read as they are asked for; an error is an {@link java.io.UncheckedIOException}
   */
  public Stream<T> messages() {
    return Pieces.stream(this::read);
  }

  /** How much of a message that is not whole is held, in bytes. */
  int gatheredBytes() {
    return gathered.size();
  }

  private T decode() throws IOException {
    try {
      return codec.decode(gathered.bytes());
    } catch (TooLongException | CharacterCodingException e) {
      throw e; // only this message is lost
    } catch (IOException e) {
      broken = e;
      throw e;
    } finally {
      gathered.trim();
    }
  }

  private T last() throws IOException {
    if (gathered.size() == 0) {
      return null;
    }
    T message = codec.decodeLast(gathered.bytes());
    if (message == null) {
      throw new EOFException(
          "the source ended within a message, " + gathered.size() + " bytes after its start");
    }
    gathered.trim();
    return message;
  }

  /**
   * Puts the bytes that are not read yet back, so that the source can be used on its own again, or
   * with another codec; this reader no more. What a codec skips of a message is gone.
   *
   * @return the source
   */
  public ByteSource unwrap() {
    ByteBuf bytes = gathered.take();
    if (bytes != null) {
      source.unread(bytes);
    }
    return source;
  }

  @Override
  public boolean isOpen() {
    return source.isOpen();
  }

  /** Closes the source. Only the task that reads may call it. */
  @Override
  public void close() throws IOException {
    gathered.release();
    source.close();
  }
}
