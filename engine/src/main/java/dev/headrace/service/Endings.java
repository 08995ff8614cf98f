package dev.headrace.service;

import dev.headrace.internal.loop.ReadGate;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;

/** How a connection ends without losing what was still to be sent. */
final class Endings {
  private Endings() {}

  /** Closes the connection once all that was written before is sent. */
  static void closeWhenSent(ChannelHandlerContext context) {
    context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /**
   * Sends the end of the stream once all that was written before is sent, and forgets what comes
   * later. The connection is closed when the other side has ended too: closing at once would reset
   * it, and the reset would overtake what is still on its way.
   *
   * @param handler the one that answers, which hears no more
   */
  static void finishWhenSent(ChannelHandlerContext context, ChannelHandler handler) {
    context
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            sent -> {
              if (sent.isSuccess()) {
                ((DuplexChannel) context.channel()).shutdownOutput();
              }
            });
    context.pipeline().replace(handler, null, new Finished());
  }

  /** Waits for the other side's end. */
  private static final class Finished extends ChannelInboundHandlerAdapter {
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      ReadGate.open(context.channel(), ReadGate.Reason.PEER_SLOW);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object buffer) {
      ReferenceCountUtil.release(buffer);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof ChannelInputShutdownEvent) {
        closeWhenSent(context);
      }
    }
  }
}
