package dev.headrace;

import dev.headrace.internal.loop.ReadGate;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Rests after a failure to accept, so that a process out of descriptors does not spin: connections
 * wait in the backlog meanwhile. Failures are counted, and told of at most once a minute.
 */
@Sharable
final class AcceptFaults extends ChannelInboundHandlerAdapter {
  private static final long REST_MILLIS = 100;

  /** A class that comes from a directory needs a descriptor: it is too late when none is left. */
  private static final List<Class<?>> NEEDED_WITHOUT_DESCRIPTORS =
      List.of(ReadGate.class, ReadGate.Reason.class, IoFailure.class, OnceAMinute.class);

  private final AtomicLong failures = new AtomicLong();
  private final OnceAMinute telling = new OnceAMinute();

  long failures() {
    return failures.get();
  }

  /** Loads what a failure needs: without descriptors no class can be read any more. */
  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    ReadGate.open(context.channel(), ReadGate.Reason.CANNOT_ACCEPT);
  }

  /** It rests first: whatever goes wrong with the telling, it must not spin. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    Channel listener = context.channel();
    ReadGate.close(listener, ReadGate.Reason.CANNOT_ACCEPT);
    context
        .executor()
        .schedule(
            () -> ReadGate.open(listener, ReadGate.Reason.CANNOT_ACCEPT),
            REST_MILLIS,
            TimeUnit.MILLISECONDS);
    long count = failures.incrementAndGet();
    if (telling.mayTell()) {
      System.getLogger("dev.headrace")
          .log(
              Level.WARNING,
              IoFailure.of("accept", context.channel().localAddress(), cause).getMessage()
                  + " (failure "
                  + count
                  + "; connections wait in the backlog)");
    }
  }
}
