package dev.headrace.service;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;

/** How a connection ends without losing what was still to be sent. */
final class Endings {
  private Endings() {}

  /** Closes the connection once all that was written before is sent. */
  static void closeWhenSent(ChannelHandlerContext context) {
    context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /**
   * Sends the end of the stream once all that was written before is sent. The connection is closed
   * when the other side has ended too: closing at once would reset it, and the reset would overtake
   * what is still on its way.
   */
  static void finishWhenSent(ChannelHandlerContext context) {
    context
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            sent -> {
              if (sent.isSuccess()) {
                ((DuplexChannel) context.channel()).shutdownOutput();
              }
            });
  }
}
