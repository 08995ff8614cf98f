package dev.headrace.loadgen.load;

import dev.headrace.IoFailure;
import dev.headrace.loadgen.measure.ErrorCounts;
import dev.headrace.loadgen.measure.LoopRecorder;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * One connection that sends requests and checks the answers byte for byte, however TCP cuts or
 * joins them. Allocates nothing per request; reads the clock once per buffer received, and the time
 * an answer came is the time the next request goes. Confined to its loop.
 */
final class EchoConnection extends ChannelInboundHandlerAdapter {
  private final EchoLane lane;
  private final LoopRecorder recorder;
  private final Payload payload;
  private final int sizeBytes;
  private final int depth;
  private final boolean open;

  /**
   * Twice the depth: the view of message k is used again for k + 2 depth at the earliest, which is
   * sent after k + depth was answered; and k + depth left in a later send than k did, so that the
   * transport is surely done with k's view.
   */
  private final ByteBuf[] views;

  private final long[] intendedNanos;
  private final long[] sentNanos;
  private final int mask;

  private ChannelHandlerContext context;
  private long sent;
  private long answered;
  private int matchedBytes;
  private long flushed;
  private boolean broken;

  EchoConnection(EchoLane lane, Site site, Payload payload, int depth) {
    this.lane = lane;
    this.recorder = site.recorder();
    this.open = site.open();
    this.payload = payload;
    this.sizeBytes = payload.sizeBytes();
    this.depth = depth;
    int slots = Integer.highestOneBit(2 * depth - 1) << 1;
    mask = slots - 1;
    views = new ByteBuf[slots];
    for (int i = 0; i < slots; i++) {
      views[i] = payload.view();
    }
    intendedNanos = open ? new long[slots] : null;
    sentNanos = new long[slots];
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  boolean hasRoom() {
    return !broken && sent - answered < depth;
  }

  int inFlight() {
    return (int) (sent - answered);
  }

  void send(long intended, long now) {
    int slot = (int) sent & mask;
    int offset = payload.offset(lane.index(), sent);
    if (open) {
      intendedNanos[slot] = intended;
    }
    sentNanos[slot] = now;
    sent++;
    context.write(
        views[slot].setIndex(offset, offset + sizeBytes), context.channel().voidPromise());
  }

  void flush() {
    if (flushed != sent) {
      flushed = sent;
      context.flush();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext unused, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (!broken) {
      check(bytes);
    }
    bytes.release();
  }

  private void check(ByteBuf bytes) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    long now = 0;
    while (at < end) {
      if (answered == flushed) {
        fail(ErrorCounts.EXCESS);
        return;
      }
      int length = Math.min(end - at, sizeBytes - matchedBytes);
      int expected = payload.offset(lane.index(), answered) + matchedBytes;
      if (!payload.matches(expected, bytes, at, length)) {
        fail(ErrorCounts.MISMATCH);
        return;
      }
      at += length;
      matchedBytes += length;
      if (matchedBytes == sizeBytes) {
        matchedBytes = 0;
        now = now == 0 ? System.nanoTime() : now;
        answered(now);
      }
    }
    if (now != 0) {
      lane.answersCame(now);
    }
  }

  private void answered(long now) {
    int slot = (int) answered & mask;
    answered++;
    if (open) {
      recorder.open(intendedNanos[slot], sentNanos[slot], now);
    } else {
      recorder.closed(sentNanos[slot], now);
    }
    lane.refill(now);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext unused) {
    flush();
  }

  @Override
  public void channelInactive(ChannelHandlerContext unused) {
    fail(ErrorCounts.CLOSED);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext unused, Throwable cause) {
    fail(IoFailure.kindOf(cause));
  }

  private void fail(String kind) {
    if (!broken) {
      broken = true;
      lane.broken(kind, inFlight());
      context.close();
    }
  }

  /** Ends it without an error. */
  void close() {
    broken = true;
    context.close();
  }
}
