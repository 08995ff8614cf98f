package dev.headrace.net;

import dev.headrace.internal.loop.Loop;
import io.netty.channel.Channel;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/** What is done to a channel's descriptor is done on its loop: nobody else closes it there. */
final class OnLoop {
  private OnLoop() {}

  /** Does it, at once where the caller runs on the loop. */
  static <T> CompletableFuture<T> start(Channel channel, Callable<T> action) {
    CompletableFuture<T> done = new CompletableFuture<>();
    Runnable run =
        () -> {
          try {
            done.complete(action.call());
          } catch (Throwable e) {
            done.completeExceptionally(e);
          }
        };
    if (((Loop) channel.eventLoop()).carrier().isCurrent()) {
      run.run();
    } else {
      try {
        channel.eventLoop().execute(run);
      } catch (RejectedExecutionException e) {
        done.completeExceptionally(new java.nio.channels.ClosedChannelException());
      }
    }
    return done;
  }

  /** Does it, and waits. */
  static <T> T call(String operation, Channel channel, Callable<T> action) throws IOException {
    CompletableFuture<T> done = start(channel, action);
    if (!done.isDone()) {
      dev.headrace.internal.loop.LoopThread.refuse(operation);
    }
    return Waiting.await(operation, done, nothing -> {});
  }

  static <T> T get(Channel channel, Option<T> option) throws IOException {
    return call("get " + option, channel, () -> option.get(channel));
  }

  static <T> void set(Channel channel, Option<T> option, T value) throws IOException {
    call(
        "set " + option,
        channel,
        () -> {
          option.set(channel, value);
          return null;
        });
  }
}
