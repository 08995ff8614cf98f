package dev.headrace.service;

import dev.headrace.IoFailure;
import dev.headrace.internal.loop.Cut;
import dev.headrace.internal.loop.Keeping;
import dev.headrace.internal.loop.ReadGate;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/** The client's side, until an upstream is connected; a {@link Relay} takes its place then. */
final class ProxyClient extends ChannelInboundHandlerAdapter {
  private static final System.Logger LOG = System.getLogger("dev.headrace");

  /** Far more than a socket's receive buffer holds while nobody reads. */
  private static final int MOST_EARLY_BYTES = 1 << 20;

  private final ProxyLoop loop;
  private final Upstreams upstreams;

  /** A peer that hangs up is read from though its gate is closed: what it said is kept. */
  private final Queue<ByteBuf> early = new ArrayDeque<>();

  private final BitSet tried = new BitSet();
  private int first;
  private long deadlineNanos;
  private int earlyBytes;
  private boolean ended;

  ProxyClient(ProxyLoop loop) {
    this.loop = loop;
    this.upstreams = loop.proxy().upstreams();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    ReadGate.close(context.channel(), ReadGate.Reason.CONNECTING);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    loop.accepted(context.channel());
    long now = System.nanoTime();
    deadlineNanos = now + loop.proxy().options().connectTimeout().toNanos();
    first = upstreams.nextTurn();
    connect(context, upstreams.get(upstreams.next(first, tried, now)), now);
  }

  private void connect(ChannelHandlerContext context, Upstream upstream, long now) {
    Relay toClient = new Relay(context.channel(), loop.toClient);
    loop.proxy()
        .engine()
        .bootstrap(upstream.address(), context.channel().eventLoop())
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, shareMillis(now))
        .handler(toClient)
        .connect()
        .addListener(
            (ChannelFuture connecting) -> {
              if (connecting.isSuccess()) {
                connected(context, upstream, connecting.channel(), toClient, now);
              } else {
                failed(
                    context,
                    upstream,
                    IoFailure.of("connect", upstream.address(), connecting.cause()));
              }
            });
  }

  /** One that does not answer must leave time for those that would. */
  private int shareMillis(long now) {
    long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - now);
    return (int) Math.max(1, left / (1 + upstreams.hopeful(tried)));
  }

  private void failed(ChannelHandlerContext context, Upstream upstream, IoFailure failure) {
    upstream.failed(failure);
    Channel client = context.channel();
    if (!client.isActive()) {
      return;
    }
    long now = System.nanoTime();
    boolean late = now - deadlineNanos >= 0;
    int next = late ? -1 : upstreams.next(first, tried, now);
    if (next >= 0) {
      connect(context, upstreams.get(next), now);
    } else {
      refuse(client, late ? timeout(upstream, failure) : failure);
    }
  }

  private static IoFailure timeout(Upstream upstream, IoFailure last) {
    ConnectTimeoutException timeout = new ConnectTimeoutException("the time to connect is over");
    timeout.initCause(last);
    return IoFailure.of("connect", upstream.address(), timeout);
  }

  private void refuse(Channel client, IoFailure failure) {
    loop.refusals++;
    LOG.log(Level.WARNING, failure.getMessage());
    Cut.reset(client);
  }

  private void connected(
      ChannelHandlerContext context,
      Upstream chosen,
      Channel upstream,
      Relay toClient,
      long begunNanos) {
    chosen.connected();
    Channel client = context.channel();
    if (!client.isActive()) {
      Cut.reset(upstream); // a clean end would pass for a client that had nothing to say
      return;
    }
    chosen.opened(upstream.closeFuture());
    loop.connected(System.nanoTime() - begunNanos);
    ProxyProtocol header = loop.proxy().options().proxyProtocol();
    if (header != ProxyProtocol.NONE) {
      ProxyHeader.write(header, client, upstream);
    }
    for (ByteBuf buffer = early.poll(); buffer != null; buffer = early.poll()) {
      loop.toUpstream.bytes += buffer.readableBytes();
      upstream.write(buffer, upstream.voidPromise());
    }
    upstream.flush();
    Relay toUpstream = new Relay(upstream, loop.toUpstream);
    loop.watch(client, upstream, toUpstream, toClient);
    context.pipeline().replace(this, null, toUpstream);
    if (ended) {
      toUpstream.endDirection(client);
    }
    ReadGate.open(client, ReadGate.Reason.CONNECTING);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf buffer = (ByteBuf) message;
    earlyBytes += buffer.readableBytes();
    if (earlyBytes > MOST_EARLY_BYTES) {
      buffer.release();
      if (context.channel().isActive()) {
        LOG.log(
            Level.WARNING,
            "{0} sent more than {1} bytes before it had an upstream: it is reset",
            context.channel(),
            MOST_EARLY_BYTES);
        loop.refusals++;
        Cut.reset(context.channel());
      }
    } else {
      early.add(Keeping.forWriting(context.channel(), buffer));
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    ended |= event instanceof ChannelInputShutdownEvent;
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    early.forEach(ReferenceCountUtil::release);
    early.clear();
  }
}
