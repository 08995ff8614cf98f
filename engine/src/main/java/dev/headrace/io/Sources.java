package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;

/** Sources of bytes that are not connections. */
public final class Sources {
  private Sources() {}

  /**
   * Ends at once.
   *
   * @return a source without a byte
   */
  public static ByteSource empty() {
    return new PulledSource(() -> null);
  }

  /**
   * Never ends.
   *
   * @param value what every byte is
   * @return a source that never blocks
   */
  public static ByteSource repeat(byte value) {
    byte[] chunk = new byte[ByteSink.CHUNK_BYTES];
    Arrays.fill(chunk, value);
    ByteBuf bytes = Unpooled.wrappedBuffer(chunk).asReadOnly();
    return new PulledSource(bytes::retainedDuplicate);
  }

  /**
   * The first bytes of a source. It reads no further, and holds no bytes itself: the source can be
   * used on its own afterwards.
   *
   * @param source whose; closed with the new one
   * @param limitBytes where to end, at least 0
   * @return ends there, or where the source does
   */
  public static ByteSource take(ByteSource source, long limitBytes) {
    return new TakeSource(source, limitBytes);
  }

  /**
   * One source after another.
   *
   * @param first what is read first
   * @param second what is read after its end
   * @return ends with the second; closing it closes both
   */
  public static ByteSource chain(ByteSource first, ByteSource second) {
    return new ChainSource(first, second);
  }

  /**
   * Reads memory.
   *
   * @param bytes not copied
   * @return all of them
   */
  public static MemorySource of(byte[] bytes) {
    return new MemorySource(ByteBuffer.wrap(bytes));
  }

  /**
   * Reads memory.
   *
   * @param bytes from its position to its limit; not copied, its position stays
   * @return all of them
   */
  public static MemorySource of(ByteBuffer bytes) {
    return new MemorySource(bytes.slice());
  }

  /**
   * Reads a channel of the JDK's. A read blocks the thread as the channel does. Most of the JDK's
   * channels are closed by an interrupt, and this source then is at its end, with a {@link
   * java.nio.channels.ClosedByInterruptException}.
   *
   * @param channel in blocking mode; closed with the source
   * @return what the channel holds
   * @throws java.nio.channels.IllegalBlockingModeException when it does not block
   */
  public static ByteSource of(ReadableByteChannel channel) {
    return new PulledSource(new JdkReads.OfChannel(channel));
  }

  /**
   * Reads a stream of the JDK's. A read blocks the thread as the stream does, and is interrupted
   * only where the stream can be.
   *
   * @param stream closed with the source
   * @return what the stream holds
   */
  public static ByteSource of(InputStream stream) {
    return new PulledSource(new JdkReads.OfStream(stream));
  }

  /**
   * What this process is given on standard input. One thread reads ahead, for all who ask; readers
   * do not block theirs, and an interrupted read loses nothing.
   *
   * @return always the same source; once closed it stays so
   */
  public static ByteSource standardInput() {
    return StandardStreams.input();
  }
}
