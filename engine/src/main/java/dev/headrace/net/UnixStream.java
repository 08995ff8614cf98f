package dev.headrace.net;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.internal.loop.LoopThread;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.CompletableFuture;

/** A connection over a Unix socket. What {@link SocketStream} says holds. */
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
    return Connecting.to(engine, remote, UnixStream::new);
  }

  @Override
  public UnixDomainSocketAddress localAddress() {
    return unix(channel().localAddress());
  }

  @Override
  public UnixDomainSocketAddress remoteAddress() {
    return unix(channel().remoteAddress());
  }

  /** The JDK's form of a path, whichever transport says it; null where there is none. */
  static UnixDomainSocketAddress unix(SocketAddress address) {
    return address instanceof DomainSocketAddress netty
        ? UnixDomainSocketAddress.of(netty.path())
        : (UnixDomainSocketAddress) address;
  }

  @Override
  public String toString() {
    return "UnixStream[" + IoFailure.text(remoteAddress()) + ']';
  }
}
