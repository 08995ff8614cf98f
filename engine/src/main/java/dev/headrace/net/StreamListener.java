package dev.headrace.net;

import dev.headrace.AbstractUnixAddress;
import dev.headrace.Engine;
import dev.headrace.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.CompletableFuture;

/**
 * Accepts connections, which are spread over the engine's loops in turn. Any task or thread may use
 * it, several at a time.
 *
 * <p>Either connections are taken one by one ({@link #accept}, {@link #incoming}), or each is
 * served on a task of its own ({@link #serve}).
 *
 * @param <S> what it accepts
 */
public sealed interface StreamListener<S extends SocketStream> extends AutoCloseable
    permits TcpListener, UnixListener {
  /**
   * Listens at an address of either family.
   *
   * @param engine whose loops serve the connections; closing it closes the listener
   * @param local where: port 0 takes a free port; a stale Unix socket file is replaced
   * @return a {@link TcpListener} or a {@link UnixListener}
   * @throws IOException when it cannot be bound; the message names the remedy
   */
  static StreamListener<?> bind(Engine engine, SocketAddress local) throws IOException {
    return switch (local) {
      case InetSocketAddress inet -> TcpListener.bind(engine, inet);
      case UnixDomainSocketAddress unix -> UnixListener.bind(engine, unix);
      case AbstractUnixAddress unix -> UnixListener.bind(engine, unix);
      default ->
          throw new IllegalArgumentException(
              "cannot listen at " + local + ": it is neither an IP nor a Unix socket address");
    };
  }

  /**
   * Waits for the next connection.
   *
   * @return a stream, the caller's to close
   * @throws java.io.InterruptedIOException when the calling task is interrupted; no connection is
   *     dropped
   * @throws java.nio.channels.ClosedChannelException when the listener is closed
   */
  S accept() throws IOException;

  /**
   * The next connection, without waiting.
   *
   * @return a future stream, the receiver's to close; cancelling drops no connection
   */
  CompletableFuture<S> acceptAsync();

  /**
   * All connections to come, for a loop: {@code for (TcpStream client : listener.incoming())}.
   *
   * @return ends when the listener is closed; an interrupt is an {@link
   *     java.io.UncheckedIOException}, and drops no connection
   */
  Iterable<S> incoming();

  /**
   * Serves each connection on a task of its own, on the loop that owns its socket, until the
   * listener is closed.
   *
   * @param service is given each connection; several run at a time
   * @throws java.io.InterruptedIOException when the calling task is interrupted: connections that
   *     come later wait to be accepted
   */
  default void serve(StreamService<? super S> service) throws IOException {
    serve(service, StreamLimits.NONE);
  }

  /**
   * The same, but connections that take too long are aborted.
   *
   * @param service is given each connection; several run at a time
   * @param limits how long they may take, while this serves
   * @throws java.io.InterruptedIOException when the calling task is interrupted: connections that
   *     come later wait to be accepted
   */
  void serve(StreamService<? super S> service, StreamLimits limits) throws IOException;

  /** Where it listens, with the real port where port 0 was asked for. */
  SocketAddress localAddress();

  /** What it runs on: the engine's transport, or epoll beside it. */
  Transport transport();

  /**
   * Reads an option of the listening socket.
   *
   * @param option which
   * @return its value
   * @throws IOException when the kernel refuses
   * @throws UnsupportedOperationException when the transport lacks it
   */
  <T> T get(Option<T> option) throws IOException;

  /**
   * Sets an option of the listening socket.
   *
   * @param option which
   * @param value its value
   * @throws IOException when the kernel refuses
   * @throws UnsupportedOperationException when the transport lacks it
   */
  <T> void set(Option<T> option, T value) throws IOException;

  /** Stops accepting. Connections that nobody has taken are closed; the others live on. */
  @Override
  void close();
}
