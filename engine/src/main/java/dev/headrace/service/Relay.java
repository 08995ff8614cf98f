package dev.headrace.service;

import dev.headrace.internal.loop.Keeping;
import dev.headrace.internal.loop.ReadGate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;

/** One direction of a proxied connection: what this channel receives, its peer sends. */
final class Relay extends ChannelInboundHandlerAdapter {
  private final Channel peer;
  private final Flow flow;
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
    context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object buffer) {
    int count = ((ByteBuf) buffer).readableBytes();
    bytes += count;
    flow.bytes += count;
    peer.write(Keeping.forWriting(peer, buffer), peer.voidPromise());
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
    peer.writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            sent -> {
              if (!sent.isSuccess()) {
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

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    finish(peer);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    flow.resets++;
    reset(peer);
    if (!(cause instanceof IOException)) {
      context.fireExceptionCaught(cause);
    }
    context.close();
  }

  /** Ends a connection so that the other side sees a reset, not a clean end. */
  static void reset(Channel channel) {
    if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      channel.close();
    }
  }
}
