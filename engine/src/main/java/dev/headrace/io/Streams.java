package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.util.concurrent.ThreadFactory;

/**
 * What can be done with any source and any sink.
 *
 * <p>Each call blocks the calling task only. An interrupted one throws {@link
 * java.io.InterruptedIOException} with the interrupt status cleared, and has lost no byte: unless
 * said otherwise, what it had read and not given away is at the front of its source again. So it is
 * after any other failure.
 */
public final class Streams {
  private Streams() {}

  /**
   * Sends all that comes, to the end of the source, without a copy of the bytes. Neither side is
   * closed, ended or flushed.
   *
   * @param source from where
   * @param sink where to
   * @return how many bytes
   * @throws IOException when either side fails
   */
  public static long copy(ByteSource source, ByteSink sink) throws IOException {
    // One frame and no allocation: this is what a parked echo task consists of.
    long count = 0;
    for (ByteBuf bytes = source.receive(); bytes != null; bytes = source.receive()) {
      int size = bytes.readableBytes();
      try {
        sink.send(bytes);
      } catch (Throwable e) {
        source.unread(bytes);
        throw e;
      }
      count += size;
    }
    return count;
  }

  /**
   * As {@link #copy}, but gathers small pieces: sends when so much has come, and at the end.
   * Whether more is on its way cannot be known, so a conversation that waits for an answer stalls.
   *
   * @param source from where
   * @param sink where to
   * @param bufferBytes how much to gather, at least 1; a piece of this size goes without a copy
   * @return how many bytes
   * @throws IOException when either side fails
   */
  public static long copyBuffered(ByteSource source, ByteSink sink, int bufferBytes)
      throws IOException {
    return new BufferedCopy(source, sink, bufferBytes).run();
  }

  /**
   * Copies both ways at once, until both have ended; the second way runs on a new virtual thread.
   *
   * @param a one stream
   * @param b the other
   * @return how many bytes
   * @throws IOException as {@link #copyBidirectional(ByteStream, ByteStream, ThreadFactory)} does
   */
  public static BothWays copyBidirectional(ByteStream a, ByteStream b) throws IOException {
    return copyBidirectional(a, b, Thread.ofVirtual().factory());
  }

  /**
   * Copies both ways at once, until both have ended. Where one source ends the other stream's
   * output is shut down, and the way back goes on. When one way fails the other is interrupted;
   * neither stream is closed. No task is left when this returns or throws.
   *
   * @param a one stream, read by the calling task
   * @param b the other, read by a task of its own
   * @param threads makes that task
   * @return how many bytes
   * @throws IOException the first failure
   */
  public static BothWays copyBidirectional(ByteStream a, ByteStream b, ThreadFactory threads)
      throws IOException {
    return BidirectionalCopy.run(a, b, threads);
  }

  /**
   * How much was copied.
   *
   * @param aToB bytes read from the first and written to the second
   * @param bToA bytes read from the second and written to the first
   */
  public record BothWays(long aToB, long bToA) {}

  /**
   * Fills the target.
   *
   * @param source from where
   * @param target from its position to its limit; when this throws, the position says how much was
   *     read into it, and nothing goes back to the source
   * @throws java.io.EOFException when the source ends before; says after how many bytes
   * @throws IOException when the source fails
   */
  public static void readExact(ByteSource source, ByteBuffer target) throws IOException {
    Reading.exact(source, target);
  }

  /**
   * Reads so many bytes, or none.
   *
   * @param source from where
   * @param sizeBytes at least 0
   * @return as many
   * @throws java.io.EOFException when the source ends before; says after how many bytes
   * @throws IOException when the source fails
   */
  public static byte[] readExact(ByteSource source, int sizeBytes) throws IOException {
    return Reading.exact(source, sizeBytes);
  }

  /**
   * Reads all that comes until the end.
   *
   * @param source from where
   * @param limitBytes the most to accept, at least 0
   * @return all of it
   * @throws TooLongException when there is more; nothing was read then
   * @throws IOException when the source fails
   */
  public static byte[] readToEnd(ByteSource source, int limitBytes) throws IOException {
    return Reading.toEnd(source, limitBytes);
  }

  /**
   * As {@link #readToEnd}, as text.
   *
   * @param source from where
   * @param limitBytes the most to accept, at least 0
   * @param charset how it is encoded
   * @return all of it
   * @throws TooLongException when there is more; nothing was read then
   * @throws java.nio.charset.CharacterCodingException when it is not encoded so; nothing was read
   * @throws IOException when the source fails
   */
  public static String readToString(ByteSource source, int limitBytes, Charset charset)
      throws IOException {
    return Reading.toText(source, limitBytes, charset);
  }

  /**
   * Reads and forgets.
   *
   * @param source from where
   * @param countBytes how many, at least 0
   * @return how many; fewer only at the end
   * @throws java.io.InterruptedIOException whose {@code bytesTransferred} says how many are gone
   * @throws IOException when the source fails
   */
  public static long skip(ByteSource source, long countBytes) throws IOException {
    return Reading.skip(source, countBytes);
  }

  /**
   * Writes all of it; waits while the sink is full.
   *
   * @param sink where to
   * @param bytes are copied
   * @throws java.io.InterruptedIOException whose {@code bytesTransferred} says how many were taken
   * @throws IOException when the sink fails
   */
  public static void writeAll(ByteSink sink, byte[] bytes) throws IOException {
    Writing.all(sink, ByteBuffer.wrap(bytes));
  }

  /**
   * Writes all of it; waits while the sink is full.
   *
   * @param sink where to
   * @param bytes are copied; when this throws, the position says how many were taken
   * @throws IOException when the sink fails
   */
  public static void writeAll(ByteSink sink, ByteBuffer bytes) throws IOException {
    Writing.all(sink, bytes);
  }

  /**
   * Writes text: all of it, or nothing when this throws.
   *
   * @param sink where to
   * @param text any
   * @param charset how to encode it
   * @throws java.nio.charset.CharacterCodingException when the charset lacks a character
   * @throws IOException when the sink fails
   */
  public static void writeAll(ByteSink sink, CharSequence text, Charset charset)
      throws IOException {
    Writing.all(sink, text, charset);
  }

  /**
   * Writes one after the other, small ones together.
   *
   * @param sink where to
   * @param sources are copied; when this throws, their positions say how much was taken
   * @return how many bytes: all that there were
   * @throws IOException when the sink fails
   */
  public static long write(ByteSink sink, ByteBuffer... sources) throws IOException {
    return Writing.vectored(sink, sources);
  }

  /**
   * For code that reads from the JDK's type. An interrupted read loses nothing; closing it closes
   * the source.
   *
   * @param source from where
   * @return blocks as the source does; not buffered
   */
  public static InputStream inputStream(ByteSource source) {
    return new SourceInputStream(source);
  }

  /**
   * For code that writes to the JDK's type. Closing it ends the stream and closes the sink.
   *
   * @param sink where to
   * @return blocks as the sink does; not buffered; an interrupted write's {@code bytesTransferred}
   *     says how many bytes were taken
   */
  public static OutputStream outputStream(ByteSink sink) {
    return new SinkOutputStream(sink);
  }
}
