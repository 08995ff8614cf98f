package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.IOException;

/** A source whose bytes come from a function; what is put back to it comes first. */
final class PulledSource implements ByteSource {
  /** Where the bytes come from. */
  interface Origin {
    /** As {@link ByteSource#receive()}. */
    ByteBuf next() throws IOException;

    /** Called once. */
    default void close() throws IOException {}
  }

  private final Origin origin;
  private final Front front = new Front();

  PulledSource(Origin origin) {
    this.origin = origin;
  }

  @Override
  public ByteBuf receive() throws IOException {
    Interrupts.check("receive");
    ByteBuf bytes = front.take();
    return bytes != null ? bytes : origin.next();
  }

  @Override
  public void unread(ByteBuf bytes) {
    front.put(bytes);
  }

  @Override
  public boolean isOpen() {
    return front.isOpen();
  }

  @Override
  public void close() throws IOException {
    if (front.close()) {
      origin.close();
    }
  }
}
