package dev.headrace.net;

import dev.headrace.internal.carrier.Carrier;
import dev.headrace.internal.lock.ShortLock;
import dev.headrace.internal.loop.Loop;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;

/**
 * What both directions of a stream share: the channel, how the stream ended, and the lock that
 * guards all of it and them. The lock is hardly ever contended: a task that the stream's own loop
 * carries runs on the loop's thread. It is the lock, rather than has one: an idle stream is an
 * object less.
 */
final class StreamState extends ShortLock {
  // Set once, before anybody reads or writes.
  private ChannelHandlerContext context;
  private Carrier carrier;

  // Guarded by this.
  boolean closed;
  Throwable failure;

  /** Another number whenever bytes came in or went out. */
  int moves;

  void join(ChannelHandlerContext added) {
    context = added;
    carrier = ((Loop) added.channel().eventLoop()).carrier();
  }

  ChannelHandlerContext context() {
    return context;
  }

  Channel channel() {
    return context.channel();
  }

  Carrier carrier() {
    return carrier;
  }

  /** What the directions fail with from now on; the first cause counts. */
  void fail(Throwable cause) {
    lock();
    try {
      if (failure == null || failure instanceof ClosedChannelException) {
        failure = cause;
      }
    } finally {
      unlock();
    }
  }

  SocketAddress remote() {
    return context.channel().remoteAddress();
  }
}
