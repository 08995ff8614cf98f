package dev.headrace.service;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Listener;
import dev.headrace.internal.loop.ReadGate;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;

/**
 * Forwards connections to an upstream, both ways, without a copy:
 *
 * <pre>
 *   client ──receive──▶ buffer ──send──▶ upstream
 *          ◀───send──── buffer ◀─receive──
 * </pre>
 *
 * <p>Both sides of a connection live on one loop. A side that is slow stops the reading of the
 * other; the end of one direction is passed on and leaves the other open; a reset on one side
 * resets the other; a client whose upstream cannot be reached is closed.
 */
public final class Proxy {
  private static final System.Logger LOG = System.getLogger("dev.headrace");

  private Proxy() {}

  /**
   * Listens, and forwards.
   *
   * @param engine whose loops serve
   * @param local where to listen
   * @param upstream whom to forward to
   * @return the listener
   * @throws IOException when the address cannot be bound
   */
  public static Listener serve(Engine engine, SocketAddress local, SocketAddress upstream)
      throws IOException {
    return engine.listen(
        local,
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel client) {
            client.pipeline().addLast(new Client(engine, upstream));
          }
        });
  }

  /** The client's side, until the upstream is connected. */
  private static final class Client extends ChannelInboundHandlerAdapter {
    private final Engine engine;
    private final SocketAddress upstream;

    Client(Engine engine, SocketAddress upstream) {
      this.engine = engine;
      this.upstream = upstream;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      ReadGate.close(context.channel(), ReadGate.Reason.CONNECTING);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      Channel client = context.channel();
      Relay toClient = new Relay(client);
      engine
          .bootstrap(upstream, client.eventLoop())
          .handler(toClient)
          .connect()
          .addListener(
              (io.netty.channel.ChannelFuture connecting) -> {
                if (!connecting.isSuccess()) {
                  LOG.log(
                      Level.WARNING,
                      IoFailure.of("connect", upstream, connecting.cause()).getMessage());
                  Relay.reset(client);
                } else if (!client.isActive()) {
                  connecting.channel().close();
                } else {
                  context.pipeline().replace(this, null, new Relay(connecting.channel()));
                  ReadGate.open(client, ReadGate.Reason.CONNECTING);
                }
              });
    }
  }
}
