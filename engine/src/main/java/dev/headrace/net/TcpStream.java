package dev.headrace.net;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.internal.loop.LoopThread;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/** A TCP connection. No-delay is on; what {@link SocketStream} says holds. */
public final class TcpStream extends SocketStream {
  TcpStream(Engine engine, StreamCore core) {
    super(engine, core);
  }

  /**
   * Connects, on the loop that the caller runs on, elsewhere on the next one in turn.
   *
   * @param engine whose loops serve the stream
   * @param remote whom to connect to
   * @return the stream
   * @throws java.io.InterruptedIOException when the calling task is interrupted; nothing is left
   *     open
   * @throws IOException when it cannot be connected; the message names the remedy
   */
  public static TcpStream connect(Engine engine, InetSocketAddress remote) throws IOException {
    LoopThread.refuse("connect");
    return Waiting.await("connect", connectAsync(engine, remote), TcpStream::close);
  }

  /**
   * The same without waiting.
   *
   * @param engine whose loops serve the stream
   * @param remote whom to connect to
   * @return the stream, once it is connected; cancelling leaves nothing open
   */
  public static CompletableFuture<TcpStream> connectAsync(Engine engine, InetSocketAddress remote) {
    return connectAsync(engine, remote, ConnectOptions.defaults());
  }

  /**
   * Connects, with options that are set before.
   *
   * @param engine whose loops serve the stream
   * @param remote whom to connect to; one that is not resolved is looked up, and each of its
   *     addresses is tried in turn
   * @param options how
   * @return the stream
   * @throws IOException when an option is refused, or it cannot be connected
   * @throws UnsupportedOperationException when the transport lacks an option
   */
  public static TcpStream connect(Engine engine, InetSocketAddress remote, ConnectOptions options)
      throws IOException {
    LoopThread.refuse("connect");
    return Waiting.await("connect", connectAsync(engine, remote, options), TcpStream::close);
  }

  /** As {@link #connect(Engine, InetSocketAddress, ConnectOptions)}, without waiting. */
  public static CompletableFuture<TcpStream> connectAsync(
      Engine engine, InetSocketAddress remote, ConnectOptions options) {
    return remote.isUnresolved()
        ? connectAsync(Resolver.of(engine), remote.getHostString(), remote.getPort(), options)
        : Connecting.to(engine, remote, options, TcpStream::new);
  }

  /**
   * Connects to a host by its name: each of its addresses is tried in turn.
   *
   * @param engine whose loops serve the stream
   * @param host a name, or an address in figures
   * @param port 1 to 65,535
   * @return the stream
   * @throws java.net.UnknownHostException when there is no such host
   * @throws IOException when none can be connected: the error of the last one, which names them all
   */
  public static TcpStream connect(Engine engine, String host, int port) throws IOException {
    return connect(Resolver.of(engine), host, port, ConnectOptions.defaults());
  }

  /** As {@link #connect(Engine, String, int)}, without waiting. */
  public static CompletableFuture<TcpStream> connectAsync(Engine engine, String host, int port) {
    return connectAsync(Resolver.of(engine), host, port, ConnectOptions.defaults());
  }

  /**
   * The same with a resolver and options of one's own.
   *
   * @param resolver finds the addresses; its engine's loops serve the stream
   * @param host a name, or an address in figures
   * @param port 1 to 65,535
   * @param options of each attempt
   * @return the stream
   * @throws IOException when none can be connected
   */
  public static TcpStream connect(Resolver resolver, String host, int port, ConnectOptions options)
      throws IOException {
    LoopThread.refuse("connect");
    return Waiting.await("connect", connectAsync(resolver, host, port, options), TcpStream::close);
  }

  /** As {@link #connect(Resolver, String, int, ConnectOptions)}, without waiting. */
  public static CompletableFuture<TcpStream> connectAsync(
      Resolver resolver, String host, int port, ConnectOptions options) {
    return ConnectingByName.to(resolver, host, port, options);
  }

  @Override
  public InetSocketAddress localAddress() {
    return (InetSocketAddress) channel().localAddress();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return (InetSocketAddress) channel().remoteAddress();
  }

  @Override
  public String toString() {
    return "TcpStream[" + IoFailure.text(remoteAddress()) + ']';
  }
}
