package dev.headrace.net;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;

/** Connects a channel and makes a stream of it. */
final class Connecting<S extends SocketStream> {
  private final Engine engine;
  private final SocketAddress remote;
  private final BiFunction<Engine, StreamCore, S> make;
  private final StreamCore core = new StreamCore(null);
  private final CompletableFuture<S> future = new CompletableFuture<>();

  private Connecting(Engine engine, SocketAddress remote, BiFunction<Engine, StreamCore, S> make) {
    this.engine = engine;
    this.remote = remote;
    this.make = make;
  }

  /** A TCP stream, on a loop of the engine's own transport. */
  static <S extends SocketStream> CompletableFuture<S> to(
      Engine engine,
      SocketAddress remote,
      ConnectOptions options,
      BiFunction<Engine, StreamCore, S> make) {
    Bootstrap bootstrap =
        engine
            .bootstrap(remote, engine.loop())
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.toIntExact(options.timeout().toMillis()));
    return new Connecting<>(engine, remote, make).begin(bootstrap, options);
  }

  /** A Unix stream, on epoll where there is epoll: there it can be half-closed. */
  static <S extends SocketStream> CompletableFuture<S> toUnix(
      Engine engine, SocketAddress remote, BiFunction<Engine, StreamCore, S> make) {
    if (remote instanceof UnixDomainSocketAddress path) {
      try {
        IoFailure.refuseLongPath("connect", path);
      } catch (IoFailure e) {
        return CompletableFuture.failedFuture(e);
      }
    }
    Bootstrap bootstrap =
        engine.hasEpoll()
            ? engine.epoll().bootstrap(remote)
            : engine.bootstrap(UnixStream.pathOnNio(remote), engine.loop());
    return new Connecting<>(engine, remote, make).begin(bootstrap, ConnectOptions.defaults());
  }

  private CompletableFuture<S> begin(Bootstrap bootstrap, ConnectOptions options) {
    SocketAddress channels = bootstrap.config().remoteAddress();
    ChannelFuture registered = bootstrap.handler(core).register();
    registered.addListener(
        done -> {
          if (!done.isSuccess()) {
            fail(done.cause());
            return;
          }
          Channel channel = registered.channel();
          try {
            options.options().apply(channel);
          } catch (IOException | RuntimeException e) {
            channel.close();
            fail(e);
            return;
          }
          connect(channel, channels, options);
        });
    future.whenComplete(
        (stream, failure) -> {
          if (future.isCancelled()) {
            registered.channel().close();
          }
        });
    return future;
  }

  private void connect(Channel channel, SocketAddress to, ConnectOptions options) {
    ChannelFuture connecting =
        options.localAddress().isPresent()
            ? channel.connect(to, options.localAddress().get())
            : channel.connect(to);
    connecting.addListener(
        connected -> {
          if (!connected.isSuccess()) {
            channel.close();
            fail(connected.cause());
            return;
          }
          S stream = make.apply(engine, core);
          if (!future.complete(stream)) {
            stream.close();
          }
        });
  }

  private void fail(Throwable cause) {
    future.completeExceptionally(
        cause instanceof RuntimeException || cause instanceof dev.headrace.linux.LinuxException
            ? cause
            : IoFailure.of("connect", remote, cause));
  }
}
