package dev.headrace.net;

import dev.headrace.AbstractUnixAddress;
import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Transport;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopThread;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.CompletableFuture;

/**
 * Accepts Unix connections, on epoll loops wherever there is epoll (see {@link UnixStream}). What
 * {@link StreamListener} says holds.
 */
public final class UnixListener implements StreamListener<UnixStream> {
  private final Acceptor<UnixStream> acceptor;

  private UnixListener(Acceptor<UnixStream> acceptor) {
    this.acceptor = acceptor;
  }

  /**
   * Listens.
   *
   * @param engine whose loops serve the connections; closing it closes the listener
   * @param local where
   * @return the listener
   * @throws IOException when it cannot be bound; the message names the remedy
   */
  public static UnixListener bind(Engine engine, UnixDomainSocketAddress local) throws IOException {
    return bind(engine, local, ListenOptions.defaults());
  }

  /**
   * Listens at a path, with options that are set before.
   *
   * @param engine whose loops serve the connections; closing it closes the listener
   * @param local where: up to 107 bytes; a stale socket file is replaced
   * @param options of the listener and of the streams
   * @return the listener
   * @throws IOException when an option is refused, or it cannot be bound
   */
  public static UnixListener bind(
      Engine engine, UnixDomainSocketAddress local, ListenOptions options) throws IOException {
    return bindTo(engine, local, options);
  }

  /**
   * Listens at a name of the abstract namespace, which no file stands for.
   *
   * @param engine whose loops serve the connections; closing it closes the listener
   * @param local the name
   * @return the listener
   * @throws IOException when it cannot be bound
   * @throws UnsupportedOperationException when this host has no epoll
   */
  public static UnixListener bind(Engine engine, AbstractUnixAddress local) throws IOException {
    return bindTo(engine, local, ListenOptions.defaults());
  }

  private static UnixListener bindTo(Engine engine, SocketAddress local, ListenOptions options)
      throws IOException {
    Acceptor<UnixStream> acceptor = new Acceptor<>(engine, UnixStream::new, options);
    acceptor.bind(
        local,
        engine.hasEpoll()
            ? engine.epoll().serverBootstrap(local)
            : engine.serverBootstrap(UnixStream.pathOnNio(local)));
    return new UnixListener(acceptor);
  }

  @Override
  public UnixStream accept() throws IOException {
    LoopThread.refuse("accept");
    return acceptor.accept();
  }

  @Override
  public CompletableFuture<UnixStream> acceptAsync() {
    return acceptor.acceptAsync();
  }

  @Override
  public Iterable<UnixStream> incoming() {
    return () -> new Incoming<>(this::accept);
  }

  @Override
  public void serve(StreamService<? super UnixStream> service, StreamLimits limits)
      throws IOException {
    LoopThread.refuse("serve");
    acceptor.serve(service, limits);
  }

  @Override
  public SocketAddress localAddress() {
    return acceptor.listener().localAddress();
  }

  @Override
  public Transport transport() {
    return ((Loop) acceptor.channel().eventLoop()).transport();
  }

  @Override
  public <T> T get(Option<T> option) throws IOException {
    return OnLoop.get(acceptor.channel(), option);
  }

  @Override
  public <T> void set(Option<T> option, T value) throws IOException {
    OnLoop.set(acceptor.channel(), option, value);
  }

  @Override
  public void close() {
    acceptor.listener().close();
  }

  @Override
  public String toString() {
    return "UnixListener[" + IoFailure.text(localAddress()) + ']';
  }
}
