package dev.headrace.service;

import dev.headrace.Draining;
import dev.headrace.Engine;
import dev.headrace.Listener;
import dev.headrace.internal.loop.Keeping;
import dev.headrace.internal.loop.ReadGate;
import dev.headrace.io.Streams;
import dev.headrace.net.SocketStream;
import dev.headrace.net.StreamService;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * Sends back what it receives: the buffer that the kernel filled is the buffer that it sends from.
 *
 * <p>A client that does not read is not read from. One that has sent its last byte gets the rest
 * back before the connection is closed.
 */
@Sharable
public final class Echo extends ChannelInboundHandlerAdapter {
  private Echo() {}

  /**
   * Listens, and echoes.
   *
   * @param engine whose loops serve
   * @param local where
   * @return the listener
   * @throws IOException when the address cannot be bound
   */
  public static Listener serve(Engine engine, SocketAddress local) throws IOException {
    return engine.listen(local, new Echo());
  }

  /**
   * The same in blocking style.
   *
   * @return a service for {@link dev.headrace.net.StreamListener#serve}
   */
  public static StreamService<SocketStream> streamService() {
    return client -> Streams.copy(client, client);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object buffer) {
    context.write(Keeping.forWriting(context.channel(), buffer), context.voidPromise());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    context.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      ReadGate.open(context.channel(), ReadGate.Reason.PEER_SLOW);
    } else {
      ReadGate.close(context.channel(), ReadGate.Reason.PEER_SLOW);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      Endings.closeWhenSent(context);
    } else if (event == Draining.BEGUN) {
      Endings.finishWhenSent(context, this);
    }
  }
}
