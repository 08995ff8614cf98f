package dev.headrace.internal.transport;

import dev.headrace.EngineOptions;
import dev.headrace.Transport;
import dev.headrace.TransportReport;
import dev.headrace.buffer.BufferPool;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.WriteBufferWaterMark;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/**
 * All in which the transports differ. Each implementation is one file, and holds the defaults tuned
 * for it; nothing outside this package asks which transport it is.
 */
public sealed interface ChannelTransport permits IoUringTransport, EpollTransport, NioTransport {

  /** Which one this is. */
  Transport kind();

  /** Whether this host offers it, with which features; asks the kernel, never its version. */
  TransportReport.Entry probe();

  /**
   * The same transport with smaller rings, for hosts that cannot lock the memory of the tuned ones.
   *
   * @return the smaller one, or null where nothing smaller makes sense
   */
  default ChannelTransport smaller() {
    return null;
  }

  /**
   * Why loops could not be started, in the system's words, with the usual remedy.
   *
   * @param cause what was thrown
   */
  default String refusal(Throwable cause) {
    return Transports.rootMessage(cause);
  }

  /**
   * The size of the pool's buffers. Measured (benchmarks/README.md): smaller ones make bulk traffic
   * dear, larger ones gain little; a ring of few buffers stays in the cache.
   */
  int BUFFER_SIZE_BYTES = 16 << 10;

  /**
   * What makes the I/O handler of one loop.
   *
   * @param pool the loop's buffers
   */
  IoHandlerFactory handlerFactory(BufferPool pool);

  /**
   * Sets the channel class, the address and the options that are tuned for this transport.
   *
   * @param bootstrap is changed
   * @param local where to listen: an {@code InetSocketAddress} or a {@link UnixDomainSocketAddress}
   */
  void prepare(ServerBootstrap bootstrap, SocketAddress local);

  /**
   * Sets the channel class, the address and the options that are tuned for this transport.
   *
   * @param bootstrap is changed
   * @param remote whom to connect to: an {@code InetSocketAddress} or a {@link
   *     UnixDomainSocketAddress}
   */
  void prepare(Bootstrap bootstrap, SocketAddress remote);

  /**
   * Sets what is the same for all transports.
   *
   * @param bootstrap is changed
   * @param options the engine's
   * @param tcp whether it is for TCP
   */
  static void common(ServerBootstrap bootstrap, EngineOptions options, boolean tcp) {
    bootstrap
        .option(ChannelOption.SO_BACKLOG, options.backlog())
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, watermarks(options));
    if (tcp) {
      bootstrap
          .option(ChannelOption.SO_REUSEADDR, true)
          .childOption(ChannelOption.TCP_NODELAY, true);
    }
  }

  /**
   * Sets what is the same for all transports.
   *
   * @param bootstrap is changed
   * @param options the engine's
   * @param tcp whether it is for TCP
   */
  static void common(Bootstrap bootstrap, EngineOptions options, boolean tcp) {
    bootstrap.option(ChannelOption.WRITE_BUFFER_WATER_MARK, watermarks(options));
    if (tcp) {
      bootstrap.option(ChannelOption.TCP_NODELAY, true);
    }
  }

  private static WriteBufferWaterMark watermarks(EngineOptions options) {
    return new WriteBufferWaterMark(
        options.writeLowWatermarkBytes(), options.writeHighWatermarkBytes());
  }
}
