package dev.headrace.net;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Transport;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopThread;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/** Accepts TCP connections. What {@link StreamListener} says holds. */
public final class TcpListener implements StreamListener<TcpStream> {
  private final Acceptor<TcpStream> acceptor;

  private TcpListener(Acceptor<TcpStream> acceptor) {
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
  public static TcpListener bind(Engine engine, InetSocketAddress local) throws IOException {
    return bind(engine, local, ListenOptions.defaults());
  }

  /**
   * Listens, with options that are set before.
   *
   * @param engine whose loops serve the connections; closing it closes the listener
   * @param local where
   * @param options of the listener and of the streams
   * @return the listener
   * @throws IOException when an option is refused, or it cannot be bound
   * @throws UnsupportedOperationException when the transport lacks an option of the listener
   */
  public static TcpListener bind(Engine engine, InetSocketAddress local, ListenOptions options)
      throws IOException {
    Acceptor<TcpStream> acceptor = new Acceptor<>(engine, TcpStream::new, options);
    acceptor.bind(local, engine.serverBootstrap(local));
    return new TcpListener(acceptor);
  }

  @Override
  public TcpStream accept() throws IOException {
    LoopThread.refuse("accept");
    return acceptor.accept();
  }

  @Override
  public CompletableFuture<TcpStream> acceptAsync() {
    return acceptor.acceptAsync();
  }

  @Override
  public Iterable<TcpStream> incoming() {
    return () -> new Incoming<>(this::accept);
  }

  @Override
  public void serve(StreamService<? super TcpStream> service, StreamLimits limits)
      throws IOException {
    LoopThread.refuse("serve");
    acceptor.serve(service, limits);
  }

  @Override
  public InetSocketAddress localAddress() {
    return (InetSocketAddress) acceptor.listener().localAddress();
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
    return "TcpListener[" + IoFailure.text(localAddress()) + ']';
  }
}
