package dev.headrace.loadgen.load;

import dev.headrace.IoFailure;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * Makes one connection after the other. Each is ended by a reset: an orderly end would leave its
 * port in TIME_WAIT for a minute, and a host has some 28,000 ports towards one address.
 */
final class ConnectLane implements Lane {
  private final Site site;
  private final Bootstrap bootstrap;
  private final ChannelFutureListener connected = this::connected;
  private final ChannelFutureListener closed = this::closed;
  private final LongQueue due = new LongQueue();
  private final Backoff backoff = new Backoff();

  private long intendedNanos;
  private long beganNanos;
  private boolean running;
  private boolean busy;
  private boolean ended;
  private boolean refused;

  ConnectLane(Site site, SocketAddress target) {
    this.site = site;
    bootstrap = site.bootstrap(target).handler(new CloseAtOnce());
    if (target instanceof InetSocketAddress) {
      bootstrap.option(ChannelOption.SO_LINGER, 0);
    }
  }

  /** Ends a connection as soon as it is there. */
  @Sharable
  private static final class CloseAtOnce extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.close();
    }

    /** A reset of the other side is the end of a connection that is being closed anyway. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable whileClosing) {
      context.close();
    }
  }

  @Override
  public Future<?> open() {
    return bootstrap.connect();
  }

  @Override
  public void begin(Pacer unused) {
    running = true;
    next();
  }

  private void next() {
    if (busy || !running || ended && (!site.open() || due.isEmpty())) {
      return;
    }
    if (site.open()) {
      if (due.isEmpty()) {
        return;
      }
      intendedNanos = due.remove();
    }
    busy = true;
    beganNanos = System.nanoTime();
    bootstrap.connect().addListener(connected);
  }

  private void connected(ChannelFuture done) {
    if (done.isSuccess()) {
      long now = System.nanoTime();
      if (site.open()) {
        site.recorder().open(intendedNanos, beganNanos, now, 0);
      } else {
        site.recorder().closed(beganNanos, now, 0);
      }
      refused = false;
      backoff.reset();
      done.channel().closeFuture().addListener(closed);
      return;
    }
    refused = true;
    if (running) {
      site.errors().add(IoFailure.kindOf(done.cause()), 1);
      site.loop().schedule(this::rested, backoff.takeMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void closed(ChannelFuture done) {
    rested();
  }

  private void rested() {
    busy = false;
    next();
  }

  @Override
  public void offer(long dueNanos) {
    due.add(dueNanos);
    next();
  }

  @Override
  public void forgetWaiting() {
    due.clear();
  }

  @Override
  public void flush() {}

  @Override
  public void end() {
    ended = true;
  }

  @Override
  public int pending() {
    return due.size() + (busy && !refused ? 1 : 0);
  }

  @Override
  public boolean isRefused() {
    return refused;
  }

  @Override
  public void close() {
    running = false;
  }
}
