package dev.headrace.service;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Listener;
import dev.headrace.internal.loop.ReadGate;
import dev.headrace.io.Streams;
import dev.headrace.net.SocketStream;
import dev.headrace.net.StreamService;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.Queue;

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

  /**
   * The same in blocking style: each side's unread bytes wait in its stream.
   *
   * @param engine whose loops connect to the upstream
   * @param upstream whom to forward to
   * @return a service for {@link dev.headrace.net.StreamListener#serve}
   */
  public static StreamService<SocketStream> streamService(Engine engine, SocketAddress upstream) {
    return client -> {
      try (SocketStream server = SocketStream.connect(engine, upstream)) {
        Streams.copyBidirectional(client, server, engine.threadFactory());
      }
    };
  }

  /** The client's side, until the upstream is connected. */
  private static final class Client extends ChannelInboundHandlerAdapter {
    private final Engine engine;
    private final SocketAddress upstream;

    /** A peer that hangs up is read from though its gate is closed: what it said is kept. */
    private final Queue<Object> early = new ArrayDeque<>();

    private final Flow toUpstream = new Flow();
    private final Flow toClient = new Flow();
    private boolean ended;

    Client(Engine engine, SocketAddress upstream) {
      this.engine = engine;
      this.upstream = upstream;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
      ReadGate.close(context.channel(), ReadGate.Reason.CONNECTING);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      Channel client = context.channel();
      engine
          .bootstrap(upstream, client.eventLoop())
          .handler(new Relay(client, toClient))
          .connect()
          .addListener(
              (ChannelFuture connecting) -> {
                if (!connecting.isSuccess()) {
                  refused(client, IoFailure.of("connect", upstream, connecting.cause()));
                } else if (!client.isActive()) {
                  connecting.channel().close();
                } else {
                  connected(context, connecting.channel());
                }
              });
    }

    private static void refused(Channel client, IoFailure failure) {
      if (client.isOpen()) {
        LOG.log(Level.WARNING, failure.getMessage());
        Relay.reset(client);
      }
    }

    private void connected(ChannelHandlerContext context, Channel upstream) {
      Relay relay = new Relay(upstream, toUpstream);
      for (Object buffer = early.poll(); buffer != null; buffer = early.poll()) {
        upstream.write(buffer, upstream.voidPromise());
      }
      upstream.flush();
      context.pipeline().replace(this, null, relay);
      if (ended) {
        relay.endDirection(context.channel());
      }
      ReadGate.open(context.channel(), ReadGate.Reason.CONNECTING);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object buffer) {
      early.add(buffer);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      ended |= event instanceof ChannelInputShutdownEvent;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      early.forEach(ReferenceCountUtil::release);
    }
  }
}
