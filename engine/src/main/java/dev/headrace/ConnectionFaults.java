package dev.headrace;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.lang.System.Logger.Level;

/** The last handler of a connection: what nobody handled ends the connection, and is told once. */
@Sharable
final class ConnectionFaults extends ChannelInboundHandlerAdapter {
  private static final System.Logger LOG = System.getLogger("dev.headrace");

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!context.channel().isOpen()) {
      LOG.log(Level.DEBUG, "after the end of {0}: {1}", context.channel(), cause);
      return;
    }
    if (cause instanceof IOException) {
      // The peer reset or vanished: its affair, and no fault of ours.
      LOG.log(Level.DEBUG, "{0} ends: {1}", context.channel(), cause);
    } else {
      LOG.log(Level.ERROR, "a handler failed; " + context.channel() + " is closed", cause);
    }
    context.close();
  }
}
