package dev.headrace.internal.transport;

import dev.headrace.EngineOptions;
import dev.headrace.Transport;
import dev.headrace.TransportReport;
import dev.headrace.buffer.BufferPool;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MessageSizeEstimator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.BitSet;

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
   * The numbers of the file operations that a loop's ring does, as the kernel says it.
   *
   * @return none where loops have no ring, or it does no file operations
   */
  default BitSet ringOperations() {
    return new BitSet();
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
   * @param sockets of the loop's channels, where this transport gives them to others too
   * @param options how many kernel workers a ring may have
   */
  IoHandlerFactory handlerFactory(BufferPool pool, DirectSockets sockets, EngineOptions options);

  /**
   * Sets the channel class, the address and the options that are tuned for this transport.
   *
   * @param bootstrap is changed
   * @param local where to listen: an {@code InetSocketAddress} or a {@link
   *     UnixDomainSocketAddress}; on epoll also an {@link dev.headrace.AbstractUnixAddress}
   */
  void prepare(ServerBootstrap bootstrap, SocketAddress local);

  /**
   * Sets the channel class, the address and the options that are tuned for this transport.
   *
   * @param bootstrap is changed
   * @param remote whom to connect to: an {@code InetSocketAddress} or a {@link
   *     UnixDomainSocketAddress}; on epoll also an {@link dev.headrace.AbstractUnixAddress}
   */
  void prepare(Bootstrap bootstrap, SocketAddress remote);

  /**
   * Makes a channel of a Unix stream socket that is connected already.
   *
   * @param bootstrap is changed
   * @param descriptor the socket, the channel's once it is registered
   */
  default Bootstrap prepareConnected(Bootstrap bootstrap, int descriptor) {
    throw new UnsupportedOperationException(
        "no " + kind() + " channel of Netty's wraps a descriptor; epoll's do");
  }

  /**
   * What makes UDP sockets.
   *
   * @param family of the addresses that they bind
   */
  ChannelFactory<? extends DatagramChannel> datagrams(SocketProtocolFamily family);

  /**
   * What one datagram is received into: the kernel cuts off what does not fit, and IPv6 carries up
   * to 65,527 bytes. It is not the pool's: no UDP socket of Netty's uses the buffer ring, so that
   * each socket that waits for a datagram on io_uring ties up one such buffer, and the pool's are a
   * quarter of the size.
   */
  int DATAGRAM_BUFFER_BYTES = 64 << 10;

  /** Datagrams that a socket receives before it answers them and lets others have their turn. */
  int DATAGRAMS_PER_READ = 16;

  /** Past this much memory held by unsent datagrams a socket is not writable: 64 whole buffers. */
  int DATAGRAM_HIGH_WATERMARK_BYTES = 64 * DATAGRAM_BUFFER_BYTES;

  /**
   * Sets what is the same for the UDP sockets of all transports.
   *
   * @param bootstrap is changed
   */
  static void datagrams(Bootstrap bootstrap) {
    bootstrap
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new FixedRecvByteBufAllocator(DATAGRAM_BUFFER_BYTES)
                .maxMessagesPerRead(DATAGRAMS_PER_READ))
        .option(ChannelOption.MESSAGE_SIZE_ESTIMATOR, () -> MEMORY_HELD)
        .option(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(
                DATAGRAM_HIGH_WATERMARK_BYTES / 4, DATAGRAM_HIGH_WATERMARK_BYTES));
  }

  /** A datagram that is sent from what it was received into holds all of it, however short. */
  MessageSizeEstimator.Handle MEMORY_HELD =
      message ->
          switch (message) {
            case ByteBuf buffer -> buffer.capacity();
            case ByteBufHolder holder -> holder.content().capacity();
            default -> 0;
          };

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
