package dev.headrace.loadgen.load;

import dev.headrace.Engine;
import dev.headrace.loadgen.measure.ErrorCounts;
import dev.headrace.loadgen.measure.LoopRecorder;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Where a lane lives, and whom it reports to.
 *
 * @param engine whose loop it is
 * @param loop the lane's
 * @param open whether the run is an open loop
 * @param recorder the loop's
 * @param errors the run's
 */
record Site(
    Engine engine, EventLoop loop, boolean open, LoopRecorder recorder, ErrorCounts errors) {
  private static final int CONNECT_TIMEOUT_MILLIS = 5000;
  private static final int DATAGRAMS_PER_READ = 16;

  /** A bootstrap that connects to a target on this loop. */
  Bootstrap bootstrap(SocketAddress target) {
    return engine
        .bootstrap(target, loop)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MILLIS);
  }

  /**
   * A bootstrap that connects a UDP socket to a target on this loop.
   *
   * @param target of all its datagrams
   * @param largestBytes what is longer is cut off: it is smaller than the engine's, since each
   *     socket that waits on io_uring ties up a buffer
   */
  Bootstrap datagramBootstrap(InetSocketAddress target, int largestBytes) {
    boolean v6 = target.getAddress() instanceof Inet6Address;
    return engine
        .datagramBootstrap(new InetSocketAddress(v6 ? "::" : "0.0.0.0", 0), loop)
        .remoteAddress(target)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new FixedRecvByteBufAllocator(largestBytes).maxMessagesPerRead(DATAGRAMS_PER_READ));
  }
}
