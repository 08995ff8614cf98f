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
    return Connecting.to(engine, remote, TcpStream::new);
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
