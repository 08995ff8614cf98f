package dev.headrace.net;

import dev.headrace.Engine;
import dev.headrace.Task;
import dev.headrace.Transport;
import dev.headrace.file.AsyncFile;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.io.ByteStream;
import dev.headrace.linux.Errno;
import dev.headrace.linux.LinuxException;
import dev.headrace.linux.SocketOption;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A connected stream socket. What arrives waits in the stream until a task reads it; past 256 KiB
 * the stream stops reading, and so in the end does its peer stop sending. What is written is sent
 * when the writing task next waits, without a flush; past the engine's write watermark the writer
 * waits.
 *
 * <p>One task reads and one task writes at a time, which may be two tasks, on any loop or thread;
 * on the stream's own loop ({@link #spawn}) it is fastest. The {@code …Async} forms never wait, and
 * may be used on a loop's thread; what depends on their futures runs on the stream's loop. {@link
 * #close} is for any thread.
 */
public abstract sealed class SocketStream implements ByteStream permits TcpStream, UnixStream {
  /** From here on a copy costs more than asking the kernel at once. */
  private static final int LARGE_BYTES = 64 << 10;

  private final Engine engine;
  private final StreamCore core;
  private final Inbound inbound;
  private final Outbound outbound;

  SocketStream(Engine engine, StreamCore core) {
    this.engine = engine;
    this.core = core;
    this.inbound = core.inbound();
    this.outbound = core.outbound();
  }

  /**
   * Connects to an address of either family, on the loop that the caller runs on, elsewhere on the
   * next one in turn.
   *
   * @param engine whose loops serve the stream
   * @param remote whom to connect to
   * @return a {@link TcpStream} or a {@link UnixStream}
   * @throws IOException when it cannot be connected; the message names the remedy
   */
  public static SocketStream connect(Engine engine, SocketAddress remote) throws IOException {
    return switch (remote) {
      case InetSocketAddress inet -> TcpStream.connect(engine, inet);
      case UnixDomainSocketAddress unix -> UnixStream.connect(engine, unix);
      default ->
          throw new IllegalArgumentException(
              "cannot connect to " + remote + ": it is neither an IP nor a Unix socket address");
    };
  }

  final Channel channel() {
    return core.channel();
  }

  final StreamCore core() {
    return core;
  }

  /** The engine whose loop serves this stream. */
  public final Engine engine() {
    return engine;
  }

  // ---- reading ----

  @Override
  public final ByteBuf receive() throws IOException {
    return inbound.receive();
  }

  @Override
  public final void unread(ByteBuf bytes) {
    inbound.unread(bytes);
  }

  @Override
  public final int read(ByteBuffer target) throws IOException {
    if (!target.hasRemaining()) {
      return 0;
    }
    for (; ; ) {
      inbound.readable();
      int count = inbound.tryRead(target, true);
      if (count != 0) {
        return count;
      }
    }
  }

  /**
   * Looks at what comes next without reading it; waits for the first byte.
   *
   * @param target where to
   * @return how many bytes, as {@link #read} says
   * @throws IOException as {@link #read} does
   */
  public final int peek(ByteBuffer target) throws IOException {
    if (!target.hasRemaining()) {
      return 0;
    }
    inbound.readable();
    return inbound.tryRead(target, false);
  }

  /**
   * Waits until a {@code try…} read would give bytes, the end or an error.
   *
   * @throws InterruptedIOException when the calling task is interrupted
   */
  public final void readable() throws IOException {
    inbound.readable();
  }

  /**
   * Reads what there is, and does not wait.
   *
   * @param target where to
   * @return how many bytes; 0 when there are none yet; -1 at the end
   * @throws IOException when the stream has failed or is closed
   */
  public final int tryRead(ByteBuffer target) throws IOException {
    return target.hasRemaining() ? inbound.tryRead(target, true) : 0;
  }

  /**
   * Takes what there is, and does not wait.
   *
   * @return a buffer, the caller's to release; an empty one when there is nothing yet; null at the
   *     end
   * @throws IOException when the stream has failed or is closed
   */
  public final ByteBuf tryReceive() throws IOException {
    return inbound.tryReceive();
  }

  /**
   * Takes what comes next. Cancelling the future loses nothing.
   *
   * @return a future buffer, the receiver's to release; null at the end
   */
  public final CompletableFuture<ByteBuf> receiveAsync() {
    Claim<ByteBuf> future = new Claim<>();
    inbound.receive(future);
    return cancellable(future, inbound);
  }

  /** When somebody else completes it, the stream is free for who comes next. */
  private static <T> CompletableFuture<T> cancellable(
      CompletableFuture<T> future, Direction direction) {
    if (!future.isDone()) {
      future.whenComplete((value, failure) -> direction.giveUp(future));
    }
    return future;
  }

  /**
   * Reads what there is, or what comes next. Cancelling the future loses nothing; where that comes
   * too late, and gives false, the future is done in a moment.
   *
   * @param target where to; not to be touched before the future is done
   * @return how many bytes, as {@link #read} says
   */
  public final CompletableFuture<Integer> readAsync(ByteBuffer target) {
    if (!target.hasRemaining()) {
      return CompletableFuture.completedFuture(0);
    }
    Claim<Integer> future = new Claim<>();
    inbound.read(future, target);
    return cancellable(future, inbound);
  }

  /** This stream's bytes as a JDK stream; closing it closes this stream. */
  public final InputStream inputStream() {
    return Channels.newInputStream(this);
  }

  // ---- writing ----

  @Override
  public final void send(ByteBuf bytes) throws IOException {
    outbound.send(bytes);
  }

  @Override
  public final int write(ByteBuffer source) throws IOException {
    LoopThread.refuse("write");
    if (source.isDirect() && source.remaining() >= LARGE_BYTES && outbound.canSendNow()) {
      return LargeWrite.write(outbound, source);
    }
    int length = source.remaining();
    for (; ; ) {
      outbound.tryWrite(source);
      if (!source.hasRemaining()) {
        return length;
      }
      outbound.writable();
    }
  }

  /**
   * Writes all of several buffers, in order; waits while the stream is full.
   *
   * @param sources whose positions say how much was taken, also when this throws
   * @return how many bytes
   * @throws IOException as {@link #write(ByteBuffer)} does
   */
  public final long write(ByteBuffer... sources) throws IOException {
    long length = 0;
    for (ByteBuffer source : sources) {
      length += write(source);
    }
    return length;
  }

  /**
   * Sends a part of a file. What is in the page cache goes from there to the socket without a copy
   * (sendfile), as long as this is called on the stream's own loop and the transport is not NIO;
   * the rest is read into the pool's buffers, through the ring where the file is on one, and sent
   * from them: the loop does not wait for the device, as far as the kernel tells what is cached.
   * Waits while the peer is slow. The file's cursor stays where it is.
   *
   * @param file open to read, and not direct
   * @param offset where in the file, at least 0
   * @param length how many bytes, at least 0, also past 2 GiB
   * @return how many bytes: fewer only where the file ends before
   * @throws IOException when either fails; what was sent until then the peer has
   * @throws InterruptedIOException when the calling task is interrupted; {@code bytesTransferred}
   *     says how many bytes were sent, 2,147,483,647 for more
   */
  public final long sendFile(AsyncFile file, long offset, long length) throws IOException {
    LoopThread.refuse("sendFile");
    return new FileSend(this, outbound, file, offset, length).run();
  }

  /**
   * Waits until a {@code try…} write would take bytes, or fail.
   *
   * @throws InterruptedIOException when the calling task is interrupted
   */
  public final void writable() throws IOException {
    outbound.writable();
  }

  /**
   * Writes what there is room for, and does not wait.
   *
   * @param source from its position on
   * @return how many bytes were taken; 0 when the stream is full
   * @throws IOException when the stream has failed, or is closed or ended
   */
  public final int tryWrite(ByteBuffer source) throws IOException {
    return outbound.tryWrite(source);
  }

  /**
   * Gives a buffer to the stream if there is room, and does not wait.
   *
   * @param bytes whatever it holds
   * @return whether it was taken; if not, or if this throws, it is still the caller's
   * @throws IOException when the stream has failed, or is closed or ended
   */
  public final boolean trySend(ByteBuf bytes) throws IOException {
    return outbound.trySend(bytes);
  }

  /**
   * Gives a buffer to the stream, which owns it from now on, whatever becomes of it.
   *
   * @param bytes whatever it holds
   * @return done when it was taken: when the next one may be sent; cancelling it before then sends
   *     nothing
   */
  public final CompletableFuture<Void> sendAsync(ByteBuf bytes) {
    Claim<Void> future = new Claim<>();
    outbound.send(bytes, future);
    return cancellable(future, outbound);
  }

  /**
   * Writes all of it.
   *
   * @param source is read at once: it may be used again when this returns
   * @return how many bytes, when the next ones may be written
   */
  public final CompletableFuture<Integer> writeAsync(ByteBuffer source) {
    int length = source.remaining();
    ByteBuf copy = core.channel().alloc().buffer(length).writeBytes(source);
    CompletableFuture<Void> sent = sendAsync(copy);
    CompletableFuture<Integer> written = sent.thenApply(taken -> length);
    if (!written.isDone()) {
      written.whenComplete((taken, failure) -> sent.cancel(false));
    }
    return written;
  }

  @Override
  public final void flush() throws IOException {
    Waiting.await("flush", flushAsync(), nothing -> {});
  }

  /** Done when all that was written is with the kernel. */
  public final CompletableFuture<Void> flushAsync() {
    return outbound.flush();
  }

  @Override
  public final void shutdownOutput() throws IOException {
    Waiting.await("shutdownOutput", shutdownOutputAsync(), nothing -> {});
  }

  /** Ends the output; done when all that was written and the end are with the kernel. */
  public final CompletableFuture<Void> shutdownOutputAsync() {
    return outbound.shutdown();
  }

  /** A JDK stream into this stream; closing it closes this stream. */
  public final OutputStream outputStream() {
    return Channels.newOutputStream(this);
  }

  // ---- both ----

  /**
   * Starts a task on this stream's own loop. The task owns the stream: when it ends, in whichever
   * way, the stream is closed. Two tasks on one stream: {@link #split}.
   *
   * @param body what it does
   * @return the task, which runs
   */
  public final Task<Void> spawn(Task.Body body) {
    return engine.spawnOn(
        core.channel().eventLoop(),
        () -> {
          try (this) {
            body.run();
          }
        });
  }

  /** The two halves of this stream, for two tasks. Use them from now on instead of it. */
  public final StreamHalves split() {
    return new StreamHalves(this);
  }

  /** What it runs on: the engine's transport, or epoll beside it. */
  public final Transport transport() {
    return ((Loop) channel().eventLoop()).transport();
  }

  /**
   * Reads an option.
   *
   * @param option which
   * @return its value
   * @throws IOException when the kernel refuses, or the stream is closed
   * @throws UnsupportedOperationException when the transport lacks it
   */
  public final <T> T get(Option<T> option) throws IOException {
    return OnLoop.get(channel(), option);
  }

  /**
   * Sets an option.
   *
   * @param option which
   * @param value its value
   * @throws IOException when the kernel refuses, or the stream is closed
   * @throws UnsupportedOperationException when the transport lacks it
   */
  public final <T> void set(Option<T> option, T value) throws IOException {
    OnLoop.set(channel(), option, value);
  }

  /**
   * Takes the error that the socket has and nobody was told of yet.
   *
   * @return empty where there is none
   * @throws IOException when the stream is closed
   * @throws UnsupportedOperationException on NIO: the JDK keeps it to itself
   */
  public final Optional<IOException> takeError() throws IOException {
    Channel channel = channel();
    return OnLoop.call("takeError", channel, () -> pendingError(channel));
  }

  private Optional<IOException> pendingError(Channel channel) throws IOException {
    int number = SocketOption.SO_ERROR.get(descriptor(channel));
    return number == 0
        ? Optional.empty()
        : Optional.of(new LinuxException("getsockopt", "SO_ERROR", Errno.of(number)));
  }

  /** The open descriptor of a channel, on its loop. */
  static int descriptor(Channel channel) throws IOException {
    if (!(channel instanceof UnixChannel unix)) {
      throw new UnsupportedOperationException(
          "the JDK does not say it of its sockets, so neither does the nio transport: use io_uring"
              + " or epoll");
    }
    if (!channel.isOpen()) {
      throw new java.nio.channels.ClosedChannelException();
    }
    return unix.fd().intValue();
  }

  /** The address of this end; null when the stream is closed. */
  public abstract SocketAddress localAddress();

  /** The address of the other end; null when the stream is closed. */
  public abstract SocketAddress remoteAddress();

  @Override
  public final boolean isOpen() {
    return core.isOpen();
  }

  /**
   * Closes the stream. Whoever waits for it gets an {@link
   * java.nio.channels.AsynchronousCloseException}. What was written goes out in the background, for
   * 30 seconds at most; {@link #flush} first to know that it did. A second time does nothing.
   */
  @Override
  public final void close() {
    core.close();
  }

  /**
   * Closes the stream at once; what was written and not sent yet is lost. The peer of a TCP stream
   * sees a reset.
   */
  public final void abort() {
    core.abort();
  }
}
