package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A stream taken apart, so that one task reads it while another writes it. Closing the sink ends
 * the output; the stream itself is closed with the second of the halves.
 *
 * @param source what comes in
 * @param sink what goes out
 */
public record Halves(ByteSource source, ByteSink sink) {
  static Halves of(ByteStream stream) {
    AtomicInteger open = new AtomicInteger(2);
    return new Halves(
        new Source(stream, open, new AtomicBoolean(true)),
        new Sink(stream, open, new AtomicBoolean(true)));
  }

  private static void check(AtomicBoolean self) throws ClosedChannelException {
    if (!self.get()) {
      throw new ClosedChannelException();
    }
  }

  private static void closeLast(ByteStream stream, AtomicInteger open) throws IOException {
    if (open.decrementAndGet() == 0) {
      stream.close();
    }
  }

  private record Source(ByteStream stream, AtomicInteger open, AtomicBoolean self)
      implements ByteSource {
    @Override
    public ByteBuf receive() throws IOException {
      check(self);
      return stream.receive();
    }

    @Override
    public void unread(ByteBuf bytes) {
      stream.unread(bytes);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      check(self);
      return stream.read(target);
    }

    @Override
    public boolean isOpen() {
      return self.get() && stream.isOpen();
    }

    @Override
    public void close() throws IOException {
      if (self.compareAndSet(true, false)) {
        closeLast(stream, open);
      }
    }
  }

  private record Sink(ByteStream stream, AtomicInteger open, AtomicBoolean self)
      implements ByteSink {
    @Override
    public void send(ByteBuf bytes) throws IOException {
      check(self);
      stream.send(bytes);
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      check(self);
      return stream.write(bytes);
    }

    @Override
    public void flush() throws IOException {
      check(self);
      stream.flush();
    }

    @Override
    public void shutdownOutput() throws IOException {
      check(self);
      stream.shutdownOutput();
    }

    @Override
    public boolean isOpen() {
      return self.get() && stream.isOpen();
    }

    @Override
    public void close() throws IOException {
      if (!self.compareAndSet(true, false)) {
        return;
      }
      try {
        if (stream.isOpen()) {
          stream.shutdownOutput();
        }
      } finally {
        closeLast(stream, open);
      }
    }
  }
}
