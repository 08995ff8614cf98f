package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;

/**
 * Writes to a channel of the JDK's. A channel may fail when it has taken half a buffer, a sink may
 * not: the buffer then counts as taken, and whoever writes next gets the failure.
 */
final class ChannelSink implements ByteSink {
  private final WritableByteChannel channel;
  private IOException failure;
  private boolean ended;

  ChannelSink(WritableByteChannel channel) {
    JdkReads.requireBlocking(channel);
    this.channel = channel;
  }

  private void check(String operation) throws IOException {
    Interrupts.check(operation);
    if (failure != null) {
      throw failure;
    }
    if (ended || !channel.isOpen()) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public void send(ByteBuf bytes) throws IOException {
    check("send");
    ByteBuffer all = bytes.nioBuffer();
    int length = all.remaining();
    try {
      while (all.hasRemaining()) {
        if (channel.write(all) == 0) {
          throw new IOException("a blocking write took no byte");
        }
      }
    } catch (IOException e) {
      failure = e;
      if (all.remaining() == length) {
        throw e;
      }
    }
    bytes.release();
  }

  /** The channel has taken all by the time that a write returns. */
  @Override
  public void flush() throws IOException {
    check("flush");
  }

  @Override
  public void shutdownOutput() throws IOException {
    if (failure != null) {
      throw failure;
    }
    if (!ended) {
      ended = true;
      if (channel instanceof SocketChannel socket) {
        socket.shutdownOutput();
      } else {
        channel.close();
      }
    }
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
