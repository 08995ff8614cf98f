package dev.headrace.internal.transport;

import dev.headrace.EngineOptions;
import dev.headrace.Transport;
import dev.headrace.TransportReport;
import dev.headrace.buffer.BufferPool;
import dev.headrace.linux.Linux;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/** epoll: readiness, and the splice that io_uring only does on worker threads. */
final class EpollTransport implements ChannelTransport {
  @Override
  public Transport kind() {
    return Transport.EPOLL;
  }

  @Override
  public TransportReport.Entry probe() {
    if (!Linux.isPresent()) {
      return TransportReport.Entry.unavailable(
          kind(), "epoll is Linux's, and this is " + System.getProperty("os.name"));
    }
    if (!Epoll.isAvailable()) {
      return TransportReport.Entry.unavailable(
          kind(), Transports.rootMessage(Epoll.unavailabilityCause()));
    }
    Map<String, Boolean> features = new LinkedHashMap<>();
    features.put("splice", true);
    features.put("fast_open_server", Epoll.isTcpFastOpenServerSideAvailable());
    features.put("fast_open_client", Epoll.isTcpFastOpenClientSideAvailable());
    return TransportReport.Entry.available(kind(), features);
  }

  @Override
  public IoHandlerFactory handlerFactory(
      BufferPool pool, DirectSockets sockets, EngineOptions options) {
    IoHandlerFactory netty = EpollIoHandler.newFactory();
    return own ->
        new RegisteringIoHandler(
            netty.newHandler(own),
            sockets,
            (handler, handle) -> {
              EpollSocket socket = new EpollSocket((EpollIoHandle) handle, sockets);
              return socket.registered(handler.register(socket));
            });
  }

  @Override
  public void prepare(ServerBootstrap bootstrap, SocketAddress local) {
    if (UnixAddresses.isUnix(local)) {
      bootstrap
          .channel(EpollServerDomainSocketChannel.class)
          .localAddress(UnixAddresses.netty(local));
    } else {
      bootstrap.channel(EpollServerSocketChannel.class).localAddress(local);
    }
    bootstrap.childOption(ChannelOption.RECVBUF_ALLOCATOR, PoolRecvAllocator.INSTANCE);
  }

  @Override
  public void prepare(Bootstrap bootstrap, SocketAddress remote) {
    if (UnixAddresses.isUnix(remote)) {
      bootstrap.channel(EpollDomainSocketChannel.class).remoteAddress(UnixAddresses.netty(remote));
    } else {
      bootstrap.channel(EpollSocketChannel.class).remoteAddress(remote);
    }
    bootstrap.option(ChannelOption.RECVBUF_ALLOCATOR, PoolRecvAllocator.INSTANCE);
  }

  @Override
  public Bootstrap prepareConnected(Bootstrap bootstrap, int descriptor) {
    bootstrap.channelFactory(() -> new EpollDomainSocketChannel(descriptor));
    return bootstrap.option(ChannelOption.RECVBUF_ALLOCATOR, PoolRecvAllocator.INSTANCE);
  }

  @Override
  public ChannelFactory<? extends DatagramChannel> datagrams(SocketProtocolFamily family) {
    return () -> new EpollDatagramChannel(family);
  }
}
