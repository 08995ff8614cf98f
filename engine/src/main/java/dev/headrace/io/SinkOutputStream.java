package dev.headrace.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** A sink as the JDK's type. */
final class SinkOutputStream extends OutputStream {
  private final ByteSink sink;

  SinkOutputStream(ByteSink sink) {
    this.sink = sink;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    Writing.all(sink, ByteBuffer.wrap(bytes, offset, length));
  }

  @Override
  public void flush() throws IOException {
    sink.flush();
  }

  @Override
  public void close() throws IOException {
    try (sink) {
      if (sink.isOpen()) {
        sink.shutdownOutput();
      }
    }
  }
}
