package dev.headrace.io;

import java.io.IOException;
import java.nio.channels.Channel;
import java.util.function.Supplier;

/**
 * Reads and writes messages over a stream. One task reads, and the same or another one writes.
 *
 * @param <T> a message
 */
public final class Framed<T> implements Channel {
  private final ByteStream stream;
  private final FrameReader<T> reader;
  private final FrameWriter<T> writer;

  /**
   * Reads and writes through a new one.
   *
   * @param stream closed with it
   * @param codecs makes a codec for each direction
   */
  public Framed(ByteStream stream, Supplier<Codec<T>> codecs) {
    this.stream = stream;
    this.reader = new FrameReader<>(stream, codecs.get());
    this.writer = new FrameWriter<>(stream, codecs.get());
  }

  /**
   * The reading side.
   *
   * @return the reader
   */
  public FrameReader<T> reader() {
    return reader;
  }

  /**
   * The writing side.
   *
   * @return the writer
   */
  public FrameWriter<T> writer() {
    return writer;
  }

  /**
   * Reads one message.
   *
   * @return null at the end
   * @throws IOException as {@link FrameReader#read} does
   */
  public T read() throws IOException {
    return reader.read();
  }

  /**
   * Writes one message.
   *
   * @param message taken whole, or not at all
   * @throws IOException as {@link FrameWriter#write} does
   */
  public void write(T message) throws IOException {
    writer.write(message);
  }

  /**
   * Waits until all that was written has left.
   *
   * @throws IOException as {@link FrameWriter#flush} does
   */
  public void flush() throws IOException {
    writer.flush();
  }

  @Override
  public boolean isOpen() {
    return stream.isOpen();
  }

  /** Sends what is gathered, then closes the stream. Only the task that uses it may call it. */
  @Override
  public void close() throws IOException {
    try (reader) {
      writer.close();
    }
  }
}
