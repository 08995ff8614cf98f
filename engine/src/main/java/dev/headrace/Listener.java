package dev.headrace;

import dev.headrace.internal.transport.UnixAddresses;
import io.netty.bootstrap.AbstractBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A bound socket that serves. One of streams accepts connections and spreads them over the engine's
 * loops in turn; closing it stops accepting, and connections that it accepted live on. One of
 * datagrams lives on one loop; closing it ends the service. Any thread may use it.
 */
public final class Listener implements AutoCloseable {
  private final Channel channel;

  private Listener(Channel channel) {
    this.channel = channel;
  }

  /** What is done to a socket before it is bound. */
  @FunctionalInterface
  public interface Preparation {
    /**
     * Runs on the channel's loop.
     *
     * @param channel is registered and not bound yet
     * @throws IOException when the socket cannot be what it must be
     */
    void prepare(Channel channel) throws IOException;
  }

  static Listener bind(AbstractBootstrap<?, ?> bootstrap, SocketAddress address)
      throws IOException {
    return bind(bootstrap, address, channel -> {});
  }

  /** The same, with something done to the socket before it is bound. */
  static Listener bind(
      AbstractBootstrap<?, ?> bootstrap, SocketAddress address, Preparation preparation)
      throws IOException {
    if (address instanceof UnixDomainSocketAddress unix) {
      IoFailure.refuseLongPath("bind", unix);
      makeRoomFor(unix);
    }
    ChannelFuture registered = bootstrap.register().awaitUninterruptibly();
    Channel channel = registered.channel();
    Future<?> done = registered;
    if (done.isSuccess()) {
      done =
          channel
              .eventLoop()
              .submit(
                  () -> {
                    preparation.prepare(channel);
                    return null;
                  })
              .awaitUninterruptibly();
    }
    if (done.isSuccess()) {
      done = channel.bind(bootstrap.config().localAddress()).awaitUninterruptibly();
    }
    if (!done.isSuccess()) {
      channel.close();
      if (done.cause() instanceof UnsupportedOperationException lacking) {
        throw lacking;
      }
      throw IoFailure.of("bind", address, done.cause());
    }
    return new Listener(channel);
  }

  /**
   * Removes a socket file that is left over from a process that was killed, and nothing else:
   * Netty's native transports remove whatever has the path, a live listener's or somebody's data.
   */
  private static void makeRoomFor(UnixDomainSocketAddress address) throws IOException {
    Path path = address.getPath();
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    // The kernel refuses to connect to a file that is no socket in the same words as to a stale
    // one.
    boolean isSocket =
        Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther();
    if (!isSocket || !isStale(address)) {
      throw IoFailure.of("bind", address, new BindException("Address already in use"));
    }
    Files.delete(path);
  }

  private static boolean isStale(UnixDomainSocketAddress address) {
    try (SocketChannel probe = SocketChannel.open(address)) {
      return !probe.isConnected();
    } catch (IOException e) {
      return IoFailure.kindOf(e).equals("ECONNREFUSED");
    }
  }

  /**
   * Where it listens, with the real port where port 0 was asked for.
   *
   * @return an {@code InetSocketAddress}, a {@link UnixDomainSocketAddress} or an {@link
   *     AbstractUnixAddress}
   */
  public SocketAddress localAddress() {
    return UnixAddresses.of(channel.localAddress());
  }

  /** Runs an action once this listener is closed, whoever closes it; at once if it is already. */
  public void whenClosed(Runnable action) {
    channel.closeFuture().addListener(closed -> action.run());
  }

  /**
   * Stops accepting or receiving, and removes the path of a Unix socket; a second time does
   * nothing.
   */
  @Override
  public void close() {
    SocketAddress local = localAddress();
    boolean wasOpen = channel.isOpen();
    channel.close().awaitUninterruptibly();
    if (wasOpen && local instanceof UnixDomainSocketAddress unix) {
      try {
        Files.deleteIfExists(Path.of(unix.getPath().toString()));
      } catch (IOException e) {
        System.getLogger("dev.headrace")
            .log(System.Logger.Level.WARNING, "cannot remove " + unix.getPath() + ": " + e);
      }
    }
  }
}
