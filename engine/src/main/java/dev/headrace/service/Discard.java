package dev.headrace.service;

import dev.headrace.Draining;
import dev.headrace.Engine;
import dev.headrace.Listener;
import dev.headrace.io.Sinks;
import dev.headrace.io.Streams;
import dev.headrace.net.SocketStream;
import dev.headrace.net.StreamService;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.SocketAddress;

/** Reads and forgets: what it measures is receiving alone. */
@Sharable
public final class Discard extends ChannelInboundHandlerAdapter {
  private Discard() {}

  /**
   * Listens, and discards.
   *
   * @param engine whose loops serve
   * @param local where
   * @return the listener
   * @throws IOException when the address cannot be bound
   */
  public static Listener serve(Engine engine, SocketAddress local) throws IOException {
    return engine.listen(local, new Discard());
  }

  /**
   * The same in blocking style.
   *
   * @return a service for {@link dev.headrace.net.StreamListener#serve}
   */
  public static StreamService<SocketStream> streamService() {
    return client -> Streams.copy(client, Sinks.counting());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object buffer) {
    ReferenceCountUtil.release(buffer);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == Draining.BEGUN) {
      context.close();
    }
  }
}
