package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A source and a sink as one stream. */
final class JoinedStream implements ByteStream {
  private final ByteSource source;
  private final ByteSink sink;

  JoinedStream(ByteSource source, ByteSink sink) {
    this.source = source;
    this.sink = sink;
  }

  @Override
  public ByteBuf receive() throws IOException {
    return source.receive();
  }

  @Override
  public void unread(ByteBuf bytes) {
    source.unread(bytes);
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return source.read(target);
  }

  @Override
  public void send(ByteBuf bytes) throws IOException {
    sink.send(bytes);
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    return sink.write(bytes);
  }

  @Override
  public void flush() throws IOException {
    sink.flush();
  }

  @Override
  public void shutdownOutput() throws IOException {
    sink.shutdownOutput();
  }

  @Override
  public boolean isOpen() {
    return source.isOpen() || sink.isOpen();
  }

  @Override
  public void close() throws IOException {
    try (sink) {
      source.close();
    }
  }
}
