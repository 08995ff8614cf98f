package dev.headrace.service;

import dev.headrace.Engine;
import dev.headrace.Listener;
import dev.headrace.io.Streams;
import dev.headrace.net.SocketStream;
import dev.headrace.net.StreamService;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Objects;

/**
 * Forwards connections to one of several upstreams, both ways, without a copy:
 *
 * <pre>
 *   client ──receive──▶ buffer ──send──▶ upstream
 *          ◀───send──── buffer ◀─receive──
 * </pre>
 *
 * <p>Both sides of a connection live on one loop. A side that is slow stops the reading of the
 * other; the end of one direction is passed on and leaves the other open; a reset on one side
 * resets the other. Upstreams take clients in turn; one that cannot be connected to is passed over
 * for a while, and its client goes to the next. A client that no upstream takes in time is reset.
 *
 * <p>Any thread may call any method; {@link #serve} and {@link #close} block, and refuse a loop's
 * own thread.
 */
public final class Proxy implements AutoCloseable {
  private final Listener listener;
  private final ProxyLoops loops;

  private Proxy(Listener listener, ProxyLoops loops) {
    this.listener = listener;
    this.loops = loops;
  }

  /**
   * Listens, and forwards to one upstream, with default options.
   *
   * @param engine whose loops serve
   * @param local where to listen
   * @param upstream whom to forward to
   * @return the proxy, which serves; closing the engine closes it
   * @throws IOException when the address cannot be bound
   */
  public static Proxy serve(Engine engine, SocketAddress local, SocketAddress upstream)
      throws IOException {
    return serve(engine, local, ProxyOptions.to(upstream));
  }

  /**
   * Listens, and forwards.
   *
   * @param engine whose loops serve
   * @param local where to listen
   * @param options whom to forward to, and how
   * @return the proxy, which serves; closing the engine closes it
   * @throws IOException when the address cannot be bound
   */
  public static Proxy serve(Engine engine, SocketAddress local, ProxyOptions options)
      throws IOException {
    ProxyLoops loops = new ProxyLoops(engine, Objects.requireNonNull(options, "options"));
    Listener listener =
        engine.listen(
            local,
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel client) {
                client.pipeline().addLast(new ProxyClient(loops.on(client.eventLoop())));
              }
            });
    listener.whenClosed(loops::stop);
    return new Proxy(listener, loops);
  }

  /**
   * Forwards in blocking style: each side's unread bytes wait in its stream.
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

  /**
   * Where it listens, with the real port where port 0 was asked for.
   *
   * @return as {@link Listener#localAddress()} gives it
   */
  public SocketAddress localAddress() {
    return listener.localAddress();
  }

  /** What it has done so far; also once it is closed. */
  public ProxyStats stats() {
    return loops.stats();
  }

  /** Stops accepting; connections live on. A second time does nothing. */
  @Override
  public void close() {
    listener.close();
  }
}
