package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.IOException;

/** One source after another. It holds no bytes itself: what is put back goes to the one in turn. */
final class ChainSource implements ByteSource {
  private final ByteSource first;
  private final ByteSource second;
  private ByteSource inTurn;

  ChainSource(ByteSource first, ByteSource second) {
    this.first = first;
    this.second = second;
    this.inTurn = first;
  }

  @Override
  public ByteBuf receive() throws IOException {
    ByteBuf bytes = inTurn.receive();
    if (bytes == null && inTurn == first) {
      inTurn = second;
      bytes = second.receive();
    }
    return bytes;
  }

  @Override
  public void unread(ByteBuf bytes) {
    inTurn.unread(bytes);
  }

  @Override
  public boolean isOpen() {
    return inTurn.isOpen();
  }

  @Override
  public void close() throws IOException {
    try (second) {
      first.close();
    }
  }
}
