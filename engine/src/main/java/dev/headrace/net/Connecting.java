package dev.headrace.net;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** Connects a channel and makes a stream of it. */
final class Connecting {
  private Connecting() {}

  static <S extends SocketStream> CompletableFuture<S> to(
      Engine engine, SocketAddress remote, BiFunction<Engine, StreamCore, S> make) {
    CompletableFuture<S> future = new CompletableFuture<>();
    StreamCore core = new StreamCore(null);
    var connecting = engine.bootstrap(remote, engine.loop()).handler(core).connect();
    connecting.addListener(
        done -> {
          if (!done.isSuccess()) {
            future.completeExceptionally(IoFailure.of("connect", remote, done.cause()));
            return;
          }
          S stream = make.apply(engine, core);
          if (!future.complete(stream)) {
            stream.close();
          }
        });
    future.whenComplete(
        (stream, failure) -> {
          if (future.isCancelled()) {
            connecting.channel().close();
          }
        });
    return future;
  }
}
