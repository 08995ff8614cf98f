package dev.headrace.net;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.internal.loop.LoopThread;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.CompletableFuture;

/** Accepts Unix connections. What {@link StreamListener} says holds. */
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
    Acceptor<UnixStream> acceptor = new Acceptor<>(engine, UnixStream::new);
    acceptor.bind(local);
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
  public void serve(StreamService<? super UnixStream> service) throws IOException {
    LoopThread.refuse("serve");
    acceptor.serve(service);
  }

  @Override
  public UnixDomainSocketAddress localAddress() {
    return (UnixDomainSocketAddress) acceptor.listener().localAddress();
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
