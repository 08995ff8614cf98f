package dev.headrace.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A source as the JDK's type. */
final class SourceInputStream extends InputStream {
  private final ByteSource source;

  SourceInputStream(ByteSource source) {
    this.source = source;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    return source.read(ByteBuffer.wrap(target, offset, length));
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
