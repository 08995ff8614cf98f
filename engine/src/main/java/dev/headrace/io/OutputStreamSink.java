package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedChannelException;

/** Writes to a stream of the JDK's. */
final class OutputStreamSink implements ByteSink {
  private final OutputStream stream;
  private volatile boolean ended;
  private volatile boolean closed;

  OutputStreamSink(OutputStream stream) {
    this.stream = stream;
  }

  private void check(String operation) throws IOException {
    Interrupts.check(operation);
    if (ended || closed) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public void send(ByteBuf bytes) throws IOException {
    check("send");
    bytes.getBytes(bytes.readerIndex(), stream, bytes.readableBytes());
    bytes.release();
  }

  @Override
  public void flush() throws IOException {
    check("flush");
    stream.flush();
  }

  @Override
  public void shutdownOutput() throws IOException {
    if (!ended) {
      ended = true;
      stream.close();
    }
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() throws IOException {
    closed = true;
    shutdownOutput();
  }
}
