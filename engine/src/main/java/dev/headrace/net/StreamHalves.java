package dev.headrace.net;

import dev.headrace.Task;
import dev.headrace.io.ByteSink;
import dev.headrace.io.ByteSource;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The two directions of a stream, each for a task of its own. The stream is closed when both are;
 * closing {@link #output} alone ends what is sent, closing {@link #input} alone only stops reading,
 * and wakes who waits for it.
 */
public final class StreamHalves {
  private final SocketStream stream;
  private final AtomicInteger open = new AtomicInteger(2);
  private final Input input = new Input();
  private final Output output = new Output();

  StreamHalves(SocketStream stream) {
    this.stream = stream;
  }

  /** What arrives. */
  public Input input() {
    return input;
  }

  /** What is sent. */
  public Output output() {
    return output;
  }

  /**
   * Makes one of two again.
   *
   * @param input one half
   * @param output the other half of the same stream
   * @return the stream they came from
   * @throws IllegalArgumentException when they come from two streams
   */
  public static SocketStream reunite(Input input, Output output) {
    if (input.halves() != output.halves()) {
      throw new IllegalArgumentException(
          "these halves are of two streams, "
              + input.halves().stream
              + " and "
              + output.halves().stream);
    }
    return input.halves().stream;
  }

  private Task<Void> spawn(AutoCloseable half, Task.Body body) {
    return stream
        .engine()
        .spawnOn(
            stream.channel().eventLoop(),
            () -> {
              try (half) {
                body.run();
              }
            });
  }

  private void closed() {
    if (open.decrementAndGet() == 0) {
      stream.close();
    }
  }

  /** The half that reads. */
  public final class Input implements ByteSource {
    private boolean closed;

    private Input() {}

    private StreamHalves halves() {
      return StreamHalves.this;
    }

    @Override
    public ByteBuf receive() throws IOException {
      checkOpen();
      return stream.receive();
    }

    private synchronized void checkOpen() throws ClosedChannelException {
      if (closed) {
        throw new ClosedChannelException();
      }
    }

    @Override
    public void unread(ByteBuf bytes) {
      stream.unread(bytes);
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
      checkOpen();
      return stream.read(target);
    }

    /** Starts a task on the stream's loop that owns this half, and closes it at its end. */
    public Task<Void> spawn(Task.Body body) {
      return StreamHalves.this.spawn(this, body);
    }

    @Override
    public synchronized boolean isOpen() {
      return !closed && stream.isOpen();
    }

    @Override
    public void close() {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
      }
      stream.core().inbound().close();
      closed();
    }
  }

  /** The half that writes. */
  public final class Output implements ByteSink {
    private boolean closed;

    private Output() {}

    private StreamHalves halves() {
      return StreamHalves.this;
    }

    @Override
    public void send(ByteBuf bytes) throws IOException {
      stream.send(bytes);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      return stream.write(source);
    }

    @Override
    public void flush() throws IOException {
      stream.flush();
    }

    @Override
    public void shutdownOutput() throws IOException {
      stream.shutdownOutput();
    }

    /** Starts a task on the stream's loop that owns this half, and closes it at its end. */
    public Task<Void> spawn(Task.Body body) {
      return StreamHalves.this.spawn(this, body);
    }

    @Override
    public synchronized boolean isOpen() {
      return !closed && stream.isOpen();
    }

    /** Ends what is sent, behind all that was written, without waiting for that. */
    @Override
    public void close() {
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
      }
      stream.shutdownOutputAsync();
      closed();
    }
  }
}
