package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;

/** Reads what the JDK has types for, a chunk at a time. */
final class JdkReads {
  private JdkReads() {}

  static void requireBlocking(java.nio.channels.Channel channel) {
    if (channel instanceof SelectableChannel selectable && !selectable.isBlocking()) {
      throw new IllegalBlockingModeException();
    }
  }

  private interface Read {
    /** How many bytes were written into the target; -1 at the end. */
    int into(ByteBuf target) throws IOException;
  }

  private static ByteBuf chunk(ByteBuf target, Read read) throws IOException {
    ByteBuf received = null;
    try {
      int count = read.into(target);
      if (count == 0) {
        throw new IOException("a blocking read gave no byte");
      }
      received = count > 0 ? target.retain() : null;
      return received;
    } finally {
      target.release();
    }
  }

  record OfStream(InputStream stream) implements PulledSource.Origin {
    @Override
    public ByteBuf next() throws IOException {
      return chunk(
          ByteBufAllocator.DEFAULT.heapBuffer(ByteSink.CHUNK_BYTES),
          target -> target.writeBytes(stream, ByteSink.CHUNK_BYTES));
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }

  record OfChannel(ReadableByteChannel channel) implements PulledSource.Origin {
    OfChannel {
      requireBlocking(channel);
    }

    @Override
    public ByteBuf next() throws IOException {
      return chunk(
          ByteBufAllocator.DEFAULT.buffer(ByteSink.CHUNK_BYTES),
          target -> {
            int count = channel.read(target.nioBuffer(0, ByteSink.CHUNK_BYTES));
            target.writerIndex(Math.max(0, count));
            return count;
          });
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
