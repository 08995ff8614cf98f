package dev.headrace.service;

import dev.headrace.Engine;
import dev.headrace.Listener;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An HTTP/1.1 server for measuring: {@code GET /} says hello, {@code GET /bytes/N} sends {@code N}
 * bytes, up to 16 MiB; {@code HEAD} does without the body.
 *
 * <pre>
 *   socket ──▶ HttpRequests ──▶ HttpConnection ──▶ HttpReplies ──▶ socket
 *              Netty's decoder  order, pressure,   bytes, made
 *                               the end            once a second
 * </pre>
 *
 * <p>Connections are kept alive, also those of HTTP/1.0 that ask for it; pipelined requests are
 * answered in their order. A client that does not read is not read from. A connection that
 * completes no request, or takes none of its answer, for longer than the limit is closed.
 */
public final class HttpHello {
  /** How long a connection may take for a request: a minute. */
  public static final Duration DEFAULT_LIMIT = Duration.ofMinutes(1);

  private final Duration limit;
  private final Map<EventLoop, HttpLoop> loops = new ConcurrentHashMap<>();

  private HttpHello(Duration limit) {
    this.limit = limit;
  }

  /**
   * Listens, and answers, with {@link #DEFAULT_LIMIT}.
   *
   * @param engine whose loops serve
   * @param local where
   * @return the listener
   * @throws IOException when the address cannot be bound
   */
  public static Listener serve(Engine engine, SocketAddress local) throws IOException {
    return serve(engine, local, DEFAULT_LIMIT);
  }

  /**
   * Listens, and answers.
   *
   * @param engine whose loops serve
   * @param local where
   * @param limit how long a connection may stay without completing a request, idle ones as well;
   *     checked in quarters of it; more than zero
   * @return the listener
   * @throws IOException when the address cannot be bound
   */
  public static Listener serve(Engine engine, SocketAddress local, Duration limit)
      throws IOException {
    if (Objects.requireNonNull(limit, "limit").compareTo(Duration.ZERO) <= 0) {
      throw new IllegalArgumentException("limit is " + limit + ": it must be more than zero");
    }
    HttpHello hello = new HttpHello(limit);
    return engine.listen(
        local,
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            hello.connect(channel);
          }
        });
  }

  private void connect(Channel channel) {
    HttpLoop loop =
        loops.computeIfAbsent(channel.eventLoop(), own -> new HttpLoop(own, limit.toNanos()));
    HttpRequests requests = new HttpRequests();
    channel.pipeline().addLast(requests).addLast(new HttpConnection(loop, requests));
  }
}
