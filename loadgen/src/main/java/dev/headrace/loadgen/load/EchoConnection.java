package dev.headrace.loadgen.load;

import dev.headrace.IoFailure;
import dev.headrace.loadgen.measure.ErrorCounts;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * One connection that sends requests and checks the answers byte for byte, however TCP cuts or
 * joins them. Allocates nothing per request; reads the clock once per buffer received, and the time
 * an answer came is the time the next request goes. Confined to its loop.
 */
final class EchoConnection extends ChannelInboundHandlerAdapter implements Conversation {
  private final ConnectionLane lane;
  private final int index;
  private final Payload payload;
  private final int sizeBytes;
  private final InFlight requests;

  /**
   * Twice the depth: the view of message k is used again for k + 2 depth at the earliest, which is
   * sent after k + depth was answered; and k + depth left in a later send than k did, so that the
   * transport is surely done with k's view.
   */
  private final ByteBuf[] views;

  private ChannelHandlerContext context;
  private int matchedBytes;
  private long flushed;
  private boolean broken;

  EchoConnection(ConnectionLane lane, int index, Site site, Payload payload, int depth) {
    this.lane = lane;
    this.index = index;
    this.payload = payload;
    this.sizeBytes = payload.sizeBytes();
    requests = new InFlight(site, depth);
    views = new ByteBuf[InFlight.slots(depth)];
    for (int i = 0; i < views.length; i++) {
      views[i] = payload.view();
    }
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public ChannelHandler handler() {
    return this;
  }

  @Override
  public boolean hasRoom() {
    return !broken && requests.hasRoom();
  }

  @Override
  public int inFlight() {
    return requests.count();
  }

  @Override
  public void send(long intended, long now) {
    int offset = payload.offset(index, requests.sent());
    ByteBuf view = views[requests.slot(requests.sent())];
    requests.add(intended, now);
    context.write(view.setIndex(offset, offset + sizeBytes), context.channel().voidPromise());
  }

  @Override
  public void flush() {
    if (flushed != requests.sent()) {
      flushed = requests.sent();
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
      if (requests.answered() == flushed) {
        fail(ErrorCounts.EXCESS);
        return;
      }
      int length = Math.min(end - at, sizeBytes - matchedBytes);
      int expected = payload.offset(index, requests.answered()) + matchedBytes;
      if (!payload.matches(expected, bytes, at, length)) {
        fail(ErrorCounts.MISMATCH);
        return;
      }
      at += length;
      matchedBytes += length;
      if (matchedBytes == sizeBytes) {
        matchedBytes = 0;
        now = now == 0 ? System.nanoTime() : now;
        requests.remove(now, sizeBytes);
        lane.refill(now);
      }
    }
    if (now != 0) {
      lane.answersCame(now);
    }
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

  @Override
  public void close() {
    broken = true;
    context.close();
  }
}
