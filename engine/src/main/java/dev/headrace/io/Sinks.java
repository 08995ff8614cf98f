package dev.headrace.io;

import java.io.OutputStream;
import java.nio.channels.WritableByteChannel;

/** Sinks of bytes that are not connections. */
public final class Sinks {
  private Sinks() {}

  /**
   * Counts the bytes and forgets them; it is never full.
   *
   * @return a new one
   */
  public static CountingSink counting() {
    return new CountingSink();
  }

  /**
   * Writes to a channel of the JDK's. A write blocks the thread as the channel does; most of the
   * JDK's channels are closed by an interrupt. Where a write fails in the middle of a buffer, the
   * buffer counts as taken and the failure is thrown by the next call.
   *
   * @param channel in blocking mode; {@link ByteSink#shutdownOutput} shuts a socket's output down,
   *     and closes any other
   * @return the sink, which closes it
   * @throws java.nio.channels.IllegalBlockingModeException when it does not block
   */
  public static ByteSink of(WritableByteChannel channel) {
    return new ChannelSink(channel);
  }

  /**
   * Writes to a stream of the JDK's. A write blocks the thread as the stream does. How much of a
   * buffer is written when the stream fails in the middle, only the stream knows.
   *
   * @param stream {@link ByteSink#flush} flushes it, {@link ByteSink#shutdownOutput} closes it
   * @return the sink, which closes it
   */
  public static ByteSink of(OutputStream stream) {
    return new OutputStreamSink(stream);
  }

  /**
   * What this process prints on standard output. One thread writes, so that no task blocks its own;
   * {@link ByteSink#flush} before the process ends. Ending or closing the sink leaves standard
   * output open.
   *
   * @return always the same sink, for one task at a time; once closed it stays so
   */
  public static ByteSink standardOutput() {
    return StandardStreams.output();
  }

  /**
   * As {@link #standardOutput}, on standard error.
   *
   * @return always the same sink, for one task at a time; once closed it stays so
   */
  public static ByteSink standardError() {
    return StandardStreams.error();
  }
}
