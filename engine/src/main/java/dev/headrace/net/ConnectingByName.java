package dev.headrace.net;

import dev.headrace.IoFailure;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;

/** Connects to a host by its name: to one of its addresses after the other until one answers. */
final class ConnectingByName {
  private final Resolver resolver;
  private final String host;
  private final ConnectOptions options;
  private final CompletableFuture<TcpStream> future = new CompletableFuture<>();
  private volatile CompletableFuture<?> step;

  private ConnectingByName(Resolver resolver, String host, ConnectOptions options) {
    this.resolver = resolver;
    this.host = host;
    this.options = options;
  }

  static CompletableFuture<TcpStream> to(
      Resolver resolver, String host, int port, ConnectOptions options) {
    return new ConnectingByName(resolver, host, options).begin(port);
  }

  private CompletableFuture<TcpStream> begin(int port) {
    var found = resolver.lookupAsync(host, port);
    step = found;
    found.whenComplete(
        (addresses, failure) -> {
          if (failure != null) {
            future.completeExceptionally(unwrapped(failure));
          } else {
            attempt(addresses, 0);
          }
        });
    future.whenComplete(
        (stream, failure) -> {
          if (future.isCancelled()) {
            step.cancel(false);
          }
        });
    return future;
  }

  /** On whichever thread ended the step before, which would keep what is thrown to itself. */
  private void attempt(List<InetSocketAddress> addresses, int index) {
    try {
      connect(addresses, index);
    } catch (Throwable e) {
      future.completeExceptionally(e);
    }
  }

  private void connect(List<InetSocketAddress> addresses, int index) {
    var connecting = TcpStream.connectAsync(resolver.engine(), addresses.get(index), options);
    step = connecting;
    if (future.isDone()) { // cancelled since: nobody else would cancel this step
      connecting.cancel(false);
    }
    connecting.whenComplete(
        (stream, failure) -> {
          if (failure == null) {
            if (!future.complete(stream)) {
              stream.close();
            }
          } else if (index + 1 < addresses.size() && !future.isDone()) {
            attempt(addresses, index + 1);
          } else {
            future.completeExceptionally(failed(addresses, unwrapped(failure)));
          }
        });
  }

  private Throwable failed(List<InetSocketAddress> addresses, Throwable last) {
    if (addresses.size() == 1 || !(last instanceof IOException)) {
      return last;
    }
    String tried = addresses.stream().map(IoFailure::text).collect(Collectors.joining(", "));
    return IoFailure.withMessage(
        "connect " + host + ": tried " + tried + "; the last said: " + last.getMessage(), last);
  }

  private static Throwable unwrapped(Throwable failure) {
    return failure instanceof CompletionException wrapper && wrapper.getCause() != null
        ? wrapper.getCause()
        : failure;
  }
}
