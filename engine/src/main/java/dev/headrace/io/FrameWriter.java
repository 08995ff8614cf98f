package dev.headrace.io;

import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.channels.Channel;

/**
 * Writes messages; small ones are gathered until {@link #flush}. One task uses it at a time, and
 * uses the sink through it only.
 *
 * @param <T> a message
 */
public final class FrameWriter<T> implements Channel {
  private final BufferedSink sink;
  private final Codec<T> codec;

  /**
   * Writes through a new one.
   *
   * @param sink closed with it
   * @param codec for this writer, and for a reader that the same task uses
   */
  public FrameWriter(ByteSink sink, Codec<T> codec) {
    this.sink = new BufferedSink(sink);
    this.codec = codec;
  }

  /**
   * Writes one message; waits while the sink is full. Either the whole message is taken, or the
   * call throws and nothing is.
   *
   * @param message where it can be released, it belongs to the writer once it is taken
   * @throws java.io.InterruptedIOException when the calling task is interrupted
   * @throws TooLongException when it is longer than the codec's limit
   * @throws IOException when the codec has no way to say it, or the sink has failed
   */
  public void write(T message) throws IOException {
    Writing.send(sink, codec.encode(message));
    ReferenceCountUtil.release(message);
  }

  /**
   * Waits until all that was written has left.
   *
   * @throws IOException as {@link ByteSink#flush} does; nothing is lost by an interrupt
   */
  public void flush() throws IOException {
    sink.flush();
  }

  /**
   * Ends the stream after all that was written.
   *
   * @throws IOException as {@link ByteSink#shutdownOutput} does
   */
  public void shutdownOutput() throws IOException {
    sink.shutdownOutput();
  }

  @Override
  public boolean isOpen() {
    return sink.isOpen();
  }

  /** Sends what is gathered, then closes the sink. Only the task that writes may call it. */
  @Override
  public void close() throws IOException {
    sink.close();
  }
}
