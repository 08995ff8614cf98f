package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A stream that is buffered both ways. One task reads it, and the same or another one writes it.
 */
public final class BufferedStream implements ByteStream {
  private final ByteStream stream;
  private final BufferedSource input;
  private final BufferedSink output;

  /**
   * Gathers writes up to {@link BufferedSink#DEFAULT_BUFFER_BYTES}.
   *
   * @param stream closed with it
   */
  public BufferedStream(ByteStream stream) {
    this(stream, BufferedSink.DEFAULT_BUFFER_BYTES);
  }

  /**
   * Reads and writes through a new one.
   *
   * @param stream closed with it
   * @param bufferBytes how much to gather of what is written, at least 8
   */
  public BufferedStream(ByteStream stream, int bufferBytes) {
    this.stream = stream;
    this.input = new BufferedSource(stream);
    this.output = new BufferedSink(stream, bufferBytes);
  }

  /**
   * Reads lines, numbers and the like.
   *
   * @return the reading side
   */
  public BufferedSource input() {
    return input;
  }

  /**
   * Writes numbers and the like.
   *
   * @return the writing side
   */
  public BufferedSink output() {
    return output;
  }

  @Override
  public ByteBuf receive() throws IOException {
    return input.receive();
  }

  @Override
  public void unread(ByteBuf bytes) {
    input.unread(bytes);
  }

  @Override
  public void send(ByteBuf bytes) throws IOException {
    output.send(bytes);
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    return output.write(source);
  }

  @Override
  public void flush() throws IOException {
    output.flush();
  }

  @Override
  public void shutdownOutput() throws IOException {
    output.shutdownOutput();
  }

  @Override
  public boolean isOpen() {
    return stream.isOpen();
  }

  /** Sends what is gathered, then closes the stream. Only the task that uses it may call it. */
  @Override
  public void close() throws IOException {
    try (input) {
      output.close();
    }
  }
}
