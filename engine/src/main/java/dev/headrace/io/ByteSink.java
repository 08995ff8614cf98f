package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * Bytes can be written to it, in order. A sink that is full blocks the calling task, not its loop;
 * one task writes at a time.
 *
 * <p>A write that is interrupted throws {@link InterruptedIOException}, clears the interrupt status
 * as {@link InterruptedException} does, and leaves the sink open.
 */
public interface ByteSink extends WritableByteChannel {
  /** How much {@link #write} copies at once, in bytes. */
  int CHUNK_BYTES = 16 << 10;

  /**
   * Gives a buffer to the sink, which sends it without a copy and releases it. Either the whole
   * buffer is taken, or the call throws and nothing is: then it is still the caller's.
   *
   * @param bytes whatever it holds from the reader index on; also none
   * @throws InterruptedIOException when the calling task is interrupted; nothing was taken
   * @throws java.nio.channels.ClosedChannelException when this sink is closed or ended
   * @throws IOException when the sink has failed
   */
  void send(ByteBuf bytes) throws IOException;

  /**
   * Waits until all that was written has left: to the kernel, or to whatever lies below.
   *
   * @throws IOException as {@link #send} does
   */
  void flush() throws IOException;

  /**
   * Ends the stream: who reads at the other end sees its end after all that was written. A second
   * time does nothing.
   *
   * @throws IOException when the sink has failed
   */
  void shutdownOutput() throws IOException;

  /**
   * Writes all of it; waits while the sink is full.
   *
   * @param source from its position to its limit; when this throws, the position says how much was
   *     taken
   * @return how many bytes: all that there were
   * @throws InterruptedIOException when the calling task is interrupted
   * @throws java.nio.channels.ClosedChannelException when this sink is closed or ended
   * @throws IOException when the sink has failed
   */
  @Override
  default int write(ByteBuffer source) throws IOException {
    int length = source.remaining();
    while (source.hasRemaining()) {
      int count = Math.min(source.remaining(), CHUNK_BYTES);
      ByteBuf chunk = ByteBufAllocator.DEFAULT.buffer(count);
      try {
        chunk.writeBytes(source.slice(source.position(), count));
        send(chunk.retain());
      } catch (Throwable e) {
        chunk.release();
        throw e;
      } finally {
        chunk.release();
      }
      source.position(source.position() + count);
    }
    return length;
  }
}
