package dev.headrace.loadgen.load;

import dev.headrace.IoFailure;
import dev.headrace.loadgen.measure.ErrorCounts;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * A lane of datagrams, over a socket that is connected to the target so that ICMP's refusals reach
 * it. The kernel tells of a refusal, but not of which request: all that are in flight are counted
 * as refused, and the lane rests before it asks again.
 */
final class UdpLane extends ChannelInboundHandlerAdapter implements Lane {
  private final Site site;
  private final InetSocketAddress target;
  private final int index;
  private final Datagram datagram;
  private final long limitNanos;
  private final Outstanding outstanding;
  private final LongQueue due = new LongQueue();
  private final Backoff backoff = new Backoff();

  private Channel channel;
  private Pacer pacer;
  private boolean dirty;
  private boolean running;
  private boolean resting;
  private boolean refused;
  private boolean ended;
  private boolean closed;
  private long ignored;

  UdpLane(
      Site site,
      InetSocketAddress target,
      int index,
      Datagram datagram,
      int depth,
      long limitNanos) {
    this.site = site;
    this.target = target;
    this.index = index;
    this.datagram = datagram;
    this.limitNanos = limitNanos;
    outstanding = new Outstanding(depth);
  }

  @Override
  public boolean isSharable() {
    return true; // with the socket that replaces a lost one
  }

  @Override
  public Future<?> open() {
    // One byte more than is sent: a longer answer must not look like a good one.
    return site.datagramBootstrap(target, datagram.sizeBytes() + 1)
        .handler(this)
        .connect()
        .addListener((ChannelFuture done) -> connected(done));
  }

  private void connected(ChannelFuture done) {
    if (closed) {
      done.channel().close();
    } else if (done.isSuccess()) {
      channel = done.channel();
      resting = false;
      fill();
    } else {
      fail(IoFailure.kindOf(done.cause()));
    }
  }

  @Override
  public void begin(Pacer pacer) {
    this.pacer = pacer;
    running = true;
    if (channel == null) {
      rest(); // opening it failed: again, now that somebody waits for it
    } else {
      fill();
    }
  }

  private void fill() {
    if (!running) {
      return;
    }
    long now = System.nanoTime();
    while (hasRoom() && refill(now)) {
      // As many as the depth allows.
    }
    flush();
  }

  private boolean hasRoom() {
    return channel != null && !resting && !closed && outstanding.hasRoom();
  }

  /** Sends the next request if there is one; the caller flushes. */
  private boolean refill(long now) {
    if (site.open() ? due.isEmpty() : ended) {
      return false;
    }
    long sequence = outstanding.add(site.open() ? due.remove() : now, now);
    dirty = true;
    channel.write(datagram.make(channel.alloc(), index, sequence), channel.voidPromise());
    return true;
  }

  @Override
  public void flush() {
    if (dirty && channel != null) {
      dirty = false;
      channel.flush();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext unused, Object message) {
    ByteBuf answer = ((ByteBufHolder) message).content();
    if (!closed) {
      take(answer);
    }
    answer.release();
  }

  private void take(ByteBuf answer) {
    long now = System.nanoTime();
    long sequence = Datagram.sequence(answer, index);
    if (!outstanding.wasSent(sequence)) {
      site.errors().add(ErrorCounts.EXCESS, 1);
      return;
    }
    if (!outstanding.contains(sequence)) {
      ignored += site.recorder().measures(now) ? 1 : 0;
      return;
    }
    if (datagram.matches(answer, index, sequence)) {
      answered(sequence, now);
    } else {
      site.errors().add(ErrorCounts.MISMATCH, 1);
    }
    outstanding.remove(sequence);
    if (hasRoom()) {
      refill(now);
    }
    if (pacer != null) {
      pacer.offerDue(now);
    }
  }

  private void answered(long sequence, long now) {
    refused = false;
    backoff.reset();
    long sent = outstanding.sentNanos(sequence);
    if (site.open()) {
      long intended = outstanding.intendedNanos(sequence);
      site.recorder().open(intended, sent, now, datagram.sizeBytes());
    } else {
      site.recorder().closed(sent, now, datagram.sizeBytes());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext unused) {
    flush();
  }

  @Override
  public void expire(long nowNanos) {
    int lost = outstanding.removeSentBefore(nowNanos - limitNanos);
    site.errors().add(ErrorCounts.TIMEOUT, lost);
    if (lost > 0) {
      fill();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext unused, Throwable cause) {
    fail(IoFailure.kindOf(cause));
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (channel == context.channel()) {
      channel = null;
      fail(ErrorCounts.CLOSED);
    }
  }

  /** What is in flight is lost; a second refusal while the lane rests is that of the same loss. */
  private void fail(String kind) {
    if (closed || resting) {
      return;
    }
    refused = true;
    site.errors().add(kind, Math.max(1, outstanding.clear()));
    rest();
  }

  private void rest() {
    resting = true;
    if (running) {
      site.loop().schedule(this::rested, backoff.takeMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void rested() {
    if (closed) {
      return;
    }
    resting = false;
    if (channel == null) {
      open();
    } else {
      fill();
    }
  }

  @Override
  public void offer(long intendedNanos) {
    due.add(intendedNanos);
    if (hasRoom()) {
      refill(System.nanoTime());
    }
  }

  @Override
  public void forgetWaiting() {
    due.clear();
  }

  @Override
  public void end() {
    ended = true;
  }

  @Override
  public int pending() {
    return due.size() + outstanding.count();
  }

  @Override
  public boolean isRefused() {
    return refused;
  }

  @Override
  public long ignored() {
    return ignored;
  }

  @Override
  public void close() {
    closed = true;
    if (channel != null) {
      channel.close();
    }
  }
}
