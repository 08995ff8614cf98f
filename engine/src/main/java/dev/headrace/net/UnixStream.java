package dev.headrace.net;

import dev.headrace.AbstractUnixAddress;
import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.internal.transport.UnixAddresses;
import dev.headrace.linux.Descriptors;
import dev.headrace.linux.SocketOption;
import dev.headrace.linux.Sockets;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.CompletableFuture;

/**
 * A connection over a Unix socket. What {@link SocketStream} says holds.
 *
 * <p>It lives on epoll wherever there is epoll, whatever the engine's own transport ({@link
 * #transport} says so): Netty 4.2.18 cannot half-close Unix sockets over io_uring and NIO, and
 * loses what is on its way when the other side ends first.
 */
public final class UnixStream extends SocketStream {
  UnixStream(Engine engine, StreamCore core) {
    super(engine, core);
  }

  /**
   * Connects, on the loop that the caller runs on, elsewhere on the next one in turn.
   *
   * @param engine whose loops serve the stream
   * @param remote the path that the other side listens at
   * @return the stream
   * @throws java.io.InterruptedIOException when the calling task is interrupted; nothing is left
   *     open
   * @throws IOException when it cannot be connected; the message names the remedy
   */
  public static UnixStream connect(Engine engine, UnixDomainSocketAddress remote)
      throws IOException {
    LoopThread.refuse("connect");
    return Waiting.await("connect", connectAsync(engine, remote), UnixStream::close);
  }

  /**
   * The same without waiting.
   *
   * @param engine whose loops serve the stream
   * @param remote the path that the other side listens at
   * @return the stream, once it is connected; cancelling leaves nothing open
   */
  public static CompletableFuture<UnixStream> connectAsync(
      Engine engine, UnixDomainSocketAddress remote) {
    return Connecting.toUnix(engine, remote, UnixStream::new);
  }

  /**
   * Connects to a name of the abstract namespace.
   *
   * @param engine whose loops serve the stream
   * @param remote the name that the other side listens at
   * @return the stream
   * @throws IOException when it cannot be connected
   * @throws UnsupportedOperationException when this host has no epoll
   */
  public static UnixStream connect(Engine engine, AbstractUnixAddress remote) throws IOException {
    LoopThread.refuse("connect");
    return Waiting.await("connect", connectAsync(engine, remote), UnixStream::close);
  }

  /** As {@link #connect(Engine, AbstractUnixAddress)}, without waiting. */
  public static CompletableFuture<UnixStream> connectAsync(
      Engine engine, AbstractUnixAddress remote) {
    return Connecting.toUnix(engine, remote, UnixStream::new);
  }

  /**
   * Two streams.
   *
   * @param first what is written to it is read from the other
   * @param second and the other way round
   */
  public record Pair(UnixStream first, UnixStream second) {}

  /**
   * Makes two streams that are connected to each other and have no address.
   *
   * @param engine whose epoll loops serve both
   * @return both, the caller's to close
   * @throws IOException when there are no descriptors left
   * @throws UnsupportedOperationException when this host has no epoll
   */
  public static Pair pair(Engine engine) throws IOException {
    LoopThread.refuse("pair");
    engine.epoll().loop(); // where there is none, no descriptor is made
    Descriptors.Pair sockets = Sockets.unixPair(false);
    UnixStream first;
    try {
      first = adopt(engine, sockets.first());
    } catch (IOException | RuntimeException e) {
      Descriptors.close(sockets.second());
      throw e;
    }
    try {
      return new Pair(first, adopt(engine, sockets.second()));
    } catch (IOException | RuntimeException e) {
      first.close();
      throw e;
    }
  }

  private static UnixStream adopt(Engine engine, int socket) throws IOException {
    StreamCore core = new StreamCore(null);
    Bootstrap bootstrap;
    try {
      bootstrap = engine.epoll().bootstrap(socket);
    } catch (RuntimeException e) { // the engine is being closed
      Descriptors.close(socket);
      throw e;
    }
    var registered = bootstrap.handler(core).register();
    CompletableFuture<UnixStream> future = new CompletableFuture<>();
    registered.addListener(
        done -> {
          if (done.isSuccess()) {
            UnixStream stream = new UnixStream(engine, core);
            if (!future.complete(stream)) {
              stream.close();
            }
          } else {
            future.completeExceptionally(IoFailure.of("pair", null, done.cause()));
          }
        });
    return Waiting.await("pair", future, UnixStream::close);
  }

  /** What the JDK's Unix sockets take: no abstract name. */
  static SocketAddress pathOnNio(SocketAddress address) {
    if (address instanceof AbstractUnixAddress) {
      throw new UnsupportedOperationException(
          "the abstract name " + address + " needs epoll, which this host lacks: take a path");
    }
    return address;
  }

  /**
   * Who is at the other end, as it was when it connected or listened.
   *
   * @return its process, user and group
   * @throws IOException when the stream is closed
   * @throws UnsupportedOperationException when this stream is on NIO, for want of epoll
   */
  public SocketOption.Credentials peerCredentials() throws IOException {
    Channel channel = channel();
    return OnLoop.call(
        "peerCredentials", channel, () -> SocketOption.peerCredentials(descriptor(channel)));
  }

  @Override
  public SocketAddress localAddress() {
    return UnixAddresses.of(channel().localAddress());
  }

  @Override
  public SocketAddress remoteAddress() {
    return UnixAddresses.of(channel().remoteAddress());
  }

  @Override
  public String toString() {
    return "UnixStream[" + IoFailure.text(remoteAddress()) + ']';
  }
}
