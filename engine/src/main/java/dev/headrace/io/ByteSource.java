package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * Bytes can be read from it, in order, until its end. Reading blocks the calling task, not its
 * loop; one task reads at a time.
 *
 * <p>A read that is interrupted throws {@link InterruptedIOException}, clears the interrupt status
 * as {@link InterruptedException} does, and has lost nothing: the source stays open and the next
 * read goes on where this one was.
 */
public interface ByteSource extends ReadableByteChannel {
  /**
   * Takes what comes next, as it is, without a copy; waits for the first byte.
   *
   * @return at least one byte, the caller's to release; null at the end, and whenever asked again
   * @throws InterruptedIOException when the calling task is interrupted; nothing is lost
   * @throws java.nio.channels.ClosedChannelException when this source is closed
   * @throws IOException when the source fails, once what came before is taken
   */
  ByteBuf receive() throws IOException;

  /**
   * Puts bytes back to the front: they are the next to be read. Only whoever read them may do so,
   * before it reads on.
   *
   * @param bytes whatever they hold from the reader index on; they belong to the source from now
   *     on, which releases them if it is closed
   */
  void unread(ByteBuf bytes);

  /**
   * Reads what there is, up to the room in the target; waits for the first byte.
   *
   * @param target where to
   * @return how many bytes, at least 1; 0 only when the target has no room; -1 at the end
   * @throws InterruptedIOException when the calling task is interrupted; nothing is lost
   * @throws java.nio.channels.ClosedChannelException when this source is closed
   * @throws IOException when the source fails, once what came before is read
   */
  @Override
  default int read(ByteBuffer target) throws IOException {
    if (!target.hasRemaining()) {
      return 0;
    }
    ByteBuf bytes = receive();
    if (bytes == null) {
      return -1;
    }
    int count = Math.min(bytes.readableBytes(), target.remaining());
    int end = target.limit();
    bytes.readBytes(target.limit(target.position() + count));
    target.limit(end);
    if (bytes.isReadable()) {
      unread(bytes);
    } else {
      bytes.release();
    }
    return count;
  }
}
