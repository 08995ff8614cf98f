package dev.headrace.service;

import dev.headrace.internal.loop.Cut;
import dev.headrace.internal.loop.Keeping;
import dev.headrace.internal.loop.ReadGate;
import dev.headrace.internal.splice.Splice;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.SocketChannel;
import java.io.IOException;

/**
 * One direction of a proxied connection: what this channel receives, its peer sends. Small messages
 * are handed over in the buffers that they came in; while much flows, it is spliced.
 */
final class Relay extends ChannelInboundHandlerAdapter implements Splice.Owner {
  /** Less than this in one read is no bulk. */
  private static final int SMALL_BYTES = 4 << 10;

  /** So much in large reads, one after the other, is. */
  private static final int BULK_BYTES = 128 << 10;

  private final Channel peer;
  private final Flow flow;
  private Channel channel;
  private Splice splice;
  private int bulkBytes;
  private boolean ended;
  private boolean failed;
  private long bytes;

  /**
   * Makes one direction.
   *
   * @param peer where to send; on the same loop
   * @param flow of that loop and direction
   */
  Relay(Channel peer, Flow flow) {
    this.peer = peer;
    this.flow = flow;
  }

  /** How many bytes this direction has passed on; on the loop's thread. */
  long bytes() {
    return bytes;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object buffer) {
    int count = ((ByteBuf) buffer).readableBytes();
    bytes += count;
    flow.bytes += count;
    peer.write(Keeping.forWriting(peer, buffer), peer.voidPromise());
    bulkBytes = count < SMALL_BYTES ? 0 : bulkBytes + count;
    if (bulkBytes >= BULK_BYTES) {
      bulkBytes = 0;
      beginSplicing();
    }
  }

  private void beginSplicing() {
    if (splice == null) {
      splice = Splice.between(channel, peer, this);
    }
    if (splice != null) {
      splice.begin();
    }
  }

  @Override
  public void splicing(boolean begins) {
    flow.spliced += begins ? 1 : -1;
  }

  @Override
  public void spliced(int count) {
    bytes += count;
    flow.bytes += count;
    flow.splicedBytes += count;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    peer.flush();
  }

  /** This channel sends what the peer receives: when it cannot, the peer must not read. */
  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      ReadGate.open(peer, ReadGate.Reason.PEER_SLOW);
    } else {
      ReadGate.close(peer, ReadGate.Reason.PEER_SLOW);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      endDirection(context.channel());
    }
  }

  /** Passes the end of the stream on; when the other direction is over too, both sides close. */
  void endDirection(Channel channel) {
    if (failed) {
      return; // Netty tells of an end after an error: what came was not all
    }
    ended = true;
    peer.writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            sent -> {
              if (!sent.isSuccess() || failed) {
                return;
              }
              if (((DuplexChannel) peer).isInputShutdown()) {
                peer.close();
                finish(channel);
              } else {
                ((DuplexChannel) peer).shutdownOutput();
              }
            });
  }

  private static void finish(Channel channel) {
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /** A Unix socket that cannot be half-closed is closed at its end, and knows no reset. */
  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (ended || !(context.channel() instanceof SocketChannel)) {
      finish(peer);
    } else {
      Cut.reset(peer); // a clean end would pass for a whole stream
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    flow.resets++;
    failed = true;
    Cut.reset(peer);
    if (!(cause instanceof IOException)) {
      context.fireExceptionCaught(cause);
    }
    context.close();
  }
}
