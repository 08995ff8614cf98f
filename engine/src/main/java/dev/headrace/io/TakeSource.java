package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;

/** The first bytes of a source. It holds none itself: what is put back goes to the source. */
final class TakeSource implements ByteSource {
  private final ByteSource source;
  private long leftBytes;

  TakeSource(ByteSource source, long limitBytes) {
    if (limitBytes < 0) {
      throw new IllegalArgumentException("limitBytes is " + limitBytes + ", must be 0 or more");
    }
    this.source = source;
    this.leftBytes = limitBytes;
  }

  @Override
  public ByteBuf receive() throws IOException {
    Interrupts.check("receive");
    if (leftBytes == 0) {
      if (!source.isOpen()) {
        throw new ClosedChannelException();
      }
      return null;
    }
    ByteBuf bytes = source.receive();
    if (bytes == null) {
      return null;
    }
    if (bytes.readableBytes() > leftBytes) {
      ByteBuf within = bytes.readRetainedSlice((int) leftBytes);
      source.unread(bytes);
      bytes = within;
    }
    leftBytes -= bytes.readableBytes();
    return bytes;
  }

  @Override
  public void unread(ByteBuf bytes) {
    leftBytes += bytes.readableBytes();
    source.unread(bytes);
  }

  @Override
  public boolean isOpen() {
    return source.isOpen();
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
