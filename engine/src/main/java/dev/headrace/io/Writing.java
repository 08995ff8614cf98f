package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;

/** Writes what is not yet a buffer of the sink's. */
final class Writing {
  private Writing() {}

  static void all(ByteSink sink, ByteBuffer bytes) throws IOException {
    int before = bytes.position();
    try {
      sink.write(bytes);
    } catch (InterruptedIOException e) {
      e.bytesTransferred = bytes.position() - before;
      throw e;
    }
  }

  /** All of it or nothing: a caller could not tell which character to go on with. */
  static void all(ByteSink sink, CharSequence text, Charset charset) throws IOException {
    send(sink, Unpooled.wrappedBuffer(charset.newEncoder().encode(CharBuffer.wrap(text))));
  }

  /** Gathers small ones into one buffer, so that they do not become a system call each. */
  static long vectored(ByteSink sink, ByteBuffer... sources) throws IOException {
    long total = 0;
    int first = 0;
    while (first < sources.length) {
      int chunk = 0;
      int end = first;
      while (end < sources.length && chunk + sources[end].remaining() <= ByteSink.CHUNK_BYTES) {
        chunk += sources[end].remaining();
        end++;
      }
      if (end == first) { // it alone is more than a chunk
        total += sink.write(sources[first]);
        first++;
      } else {
        sendTogether(sink, sources, first, end, chunk);
        total += chunk;
        first = end;
      }
    }
    return total;
  }

  private static void sendTogether(
      ByteSink sink, ByteBuffer[] sources, int from, int end, int totalBytes) throws IOException {
    ByteBuf together = ByteBufAllocator.DEFAULT.buffer(Math.max(1, totalBytes));
    for (int i = from; i < end; i++) {
      together.writeBytes(sources[i].duplicate());
    }
    send(sink, together);
    for (int i = from; i < end; i++) {
      sources[i].position(sources[i].limit());
    }
  }

  /** Gives a buffer that nobody else knows to the sink, or releases it. */
  static void send(ByteSink sink, ByteBuf bytes) throws IOException {
    try {
      sink.send(bytes);
    } catch (Throwable e) {
      bytes.release();
      throw e;
    }
  }
}
