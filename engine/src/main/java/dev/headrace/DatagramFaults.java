package dev.headrace;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The last handler of a service of datagrams. What goes wrong with one datagram (its sender is
 * gone, a firewall forbids the answer) is no reason to stop serving the others: it is counted, and
 * told of at most once a minute.
 */
@Sharable
final class DatagramFaults extends ChannelInboundHandlerAdapter {
  private static final System.Logger LOG = System.getLogger("dev.headrace");

  private final AtomicLong failures = new AtomicLong();
  private final OnceAMinute telling = new OnceAMinute();

  long failures() {
    return failures.get();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    long count = failures.incrementAndGet();
    if (!context.channel().isOpen() || !telling.mayTell()) {
      return;
    }
    if (cause instanceof IOException) {
      String told =
          IoFailure.of("serve datagrams at", context.channel().localAddress(), cause).getMessage();
      LOG.log(Level.WARNING, told + " (failure " + count + ')');
    } else {
      LOG.log(Level.ERROR, "a handler of datagrams failed (failure " + count + ')', cause);
    }
  }
}
