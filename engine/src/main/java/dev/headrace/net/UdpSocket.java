package dev.headrace.net;

import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Transport;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.linux.SocketOption;
import dev.headrace.linux.Sockets;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.CompletableFuture;

/**
 * A UDP socket, on one loop of the engine. Received datagrams wait in it until they are taken; past
 * 512 of them or 1 MiB it stops reading, the kernel's buffer fills ({@link
 * SocketOptions#RECEIVE_BUFFER}), and what overflows that the kernel drops and counts ({@link
 * #drops}).
 *
 * <p>Any number of tasks may send, and one receives at a time: the socket needs no splitting. An
 * interrupted receive throws {@link java.io.InterruptedIOException} and loses no datagram; an
 * interrupted send has sent nothing when it throws. The {@code …Async} forms never wait.
 *
 * <p>An engine that is being closed closes the socket behind what was sent. What was received is
 * still given; then receiving, like sending, throws {@link
 * java.nio.channels.ClosedChannelException}.
 *
 * <p>That a peer refuses (ICMP's port unreachable) is told once, as ECONNREFUSED, by whichever send
 * or receive comes next; a send that tells it has sent nothing. The socket stays usable.
 *
 * <p>Empty datagrams can be sent on io_uring and epoll only.
 */
public final class UdpSocket implements AutoCloseable {
  private static final int LONGEST_IPV4_BYTES = 65_507;
  private static final int LONGEST_IPV6_BYTES = 65_527;

  private final Engine engine;
  private final DatagramCore core;
  private volatile InetSocketAddress peer;

  private UdpSocket(Engine engine, DatagramCore core) {
    this.engine = engine;
    this.core = core;
  }

  /**
   * Binds a socket, on the loop that the caller runs on, elsewhere on the next one in turn.
   *
   * @param engine whose loop serves it; closing the engine closes it
   * @param local where: port 0 takes a free port; an IPv6 address makes an IPv6 socket, whose
   *     wildcard takes IPv4 as well
   * @return the socket, the caller's to close
   * @throws IOException when it cannot be bound; the message names the remedy
   */
  public static UdpSocket bind(Engine engine, InetSocketAddress local) throws IOException {
    return bind(engine, local, ListenOptions.defaults());
  }

  /**
   * The same, with options that are set before.
   *
   * @param engine whose loop serves it
   * @param local where
   * @param options of which {@link ListenOptions#set} counts
   * @return the socket
   * @throws IOException when an option is refused, or it cannot be bound
   * @throws UnsupportedOperationException when the transport lacks an option
   */
  public static UdpSocket bind(Engine engine, InetSocketAddress local, ListenOptions options)
      throws IOException {
    LoopThread.refuse("bind");
    return Waiting.await("bind", bindAsync(engine, local, options), UdpSocket::close);
  }

  /** As {@link #bind(Engine, InetSocketAddress, ListenOptions)}, without waiting. */
  public static CompletableFuture<UdpSocket> bindAsync(
      Engine engine, InetSocketAddress local, ListenOptions options) {
    CompletableFuture<UdpSocket> future = new CompletableFuture<>();
    DatagramCore core = new DatagramCore();
    Bootstrap bootstrap = engine.datagramBootstrap(local, engine.loop()).handler(core);
    var registered = bootstrap.register();
    registered.addListener(
        done -> {
          if (!done.isSuccess()) {
            future.completeExceptionally(IoFailure.of("bind", local, done.cause()));
            return;
          }
          Channel channel = registered.channel();
          try {
            options.options().apply(channel);
          } catch (IOException | RuntimeException e) {
            channel.close();
            future.completeExceptionally(e);
            return;
          }
          channel
              .bind(local)
              .addListener(
                  bound -> {
                    if (!bound.isSuccess()) {
                      channel.close();
                      future.completeExceptionally(IoFailure.of("bind", local, bound.cause()));
                    } else if (!future.complete(new UdpSocket(engine, core))) {
                      core.close();
                    }
                  });
        });
    return future;
  }

  // ---- the peer ----

  /**
   * Gives the socket a peer: {@link #send} goes there, what others send from now on is not
   * received, and the peer's refusals are told.
   *
   * @param remote a resolved address
   * @throws IOException when there is no way there
   */
  public void connect(InetSocketAddress remote) throws IOException {
    LoopThread.refuse("connect");
    Waiting.await("connect", connectAsync(remote), nothing -> {});
  }

  /** As {@link #connect}, without waiting. */
  public CompletableFuture<Void> connectAsync(InetSocketAddress remote) {
    Channel channel = core.channel();
    CompletableFuture<Void> done = new CompletableFuture<>();
    if (channel instanceof UnixChannel) {
      done =
          OnLoop.start(
              channel,
              () -> {
                try {
                  Sockets.connectInet(SocketStream.descriptor(channel), remote);
                } catch (dev.headrace.linux.LinuxException e) {
                  throw IoFailure.of("connect", remote, e);
                }
                return null;
              });
    } else {
      connectChannel(channel, remote, done);
    }
    return done.thenRun(() -> peer = remote);
  }

  /** The JDK connects once: a second peer takes the place of the first. */
  private static void connectChannel(
      Channel channel, InetSocketAddress remote, CompletableFuture<Void> done) {
    var free =
        ((DatagramChannel) channel).isConnected()
            ? channel.disconnect()
            : channel.newSucceededFuture();
    free.addListener(
        freed ->
            channel
                .connect(remote)
                .addListener(
                    connected -> {
                      if (connected.isSuccess()) {
                        done.complete(null);
                      } else {
                        done.completeExceptionally(
                            IoFailure.of("connect", remote, connected.cause()));
                      }
                    }));
  }

  /**
   * Takes the peer away: the socket receives from everybody again, at the same port.
   *
   * @throws IOException when the port could not be kept
   */
  public void disconnect() throws IOException {
    LoopThread.refuse("disconnect");
    Channel channel = core.channel();
    if (channel instanceof UnixChannel) {
      OnLoop.call(
          "disconnect",
          channel,
          () -> {
            Sockets.disconnectInet(SocketStream.descriptor(channel), localAddress());
            return null;
          });
    } else {
      CompletableFuture<Void> done = new CompletableFuture<>();
      channel
          .disconnect()
          .addListener(
              freed -> {
                if (freed.isSuccess()) {
                  done.complete(null);
                } else {
                  done.completeExceptionally(
                      IoFailure.of("disconnect", localAddress(), freed.cause()));
                }
              });
      Waiting.await("disconnect", done, nothing -> {});
    }
    peer = null;
  }

  /** Where it is bound; null when it is closed. */
  public InetSocketAddress localAddress() {
    return (InetSocketAddress) core.channel().localAddress();
  }

  /** Its peer; null when it has none. */
  public InetSocketAddress peerAddress() {
    return peer;
  }

  // ---- receiving ----

  /**
   * Takes the next datagram, whole; waits for it.
   *
   * @return the datagram, the caller's to release
   * @throws java.io.InterruptedIOException when the calling task is interrupted; nothing is lost
   * @throws java.nio.channels.ClosedChannelException when the socket is closed
   * @throws IOException an error that is told once; receiving may go on
   */
  public Datagram<InetSocketAddress> receiveFrom() throws IOException {
    return core.receive();
  }

  /**
   * Receives the next datagram into a buffer; waits for it.
   *
   * @param target where to; what it has no room for is gone, and the answer says so
   * @return its size and its sender
   * @throws IOException as {@link #receiveFrom()} does
   */
  public Received<InetSocketAddress> receiveFrom(ByteBuffer target) throws IOException {
    try (Datagram<InetSocketAddress> datagram = core.receive()) {
      return DatagramCore.copy(datagram, target);
    }
  }

  /**
   * The same for a socket with a peer, whose datagrams need no sender.
   *
   * @param target where to
   * @return how many bytes were copied; {@link #receiveFrom(ByteBuffer)} tells of truncation
   * @throws NotYetConnectedException when it has no peer
   * @throws IOException as {@link #receiveFrom()} does
   */
  public int receive(ByteBuffer target) throws IOException {
    requirePeer();
    int start = target.position();
    receiveFrom(target);
    return target.position() - start;
  }

  /**
   * Looks at the next datagram without taking it; waits for it.
   *
   * @param target where to copy it
   * @return its size and its sender
   * @throws IOException as {@link #receiveFrom()} does
   */
  public Received<InetSocketAddress> peekFrom(ByteBuffer target) throws IOException {
    int start = target.position();
    for (; ; ) {
      core.readable("peek");
      Received<InetSocketAddress> received = core.tryPeek(target.position(start));
      if (received != null) {
        return received;
      }
    }
  }

  /**
   * Takes the next datagram if there is one, and does not wait.
   *
   * @return the datagram, the caller's to release; null when there is none yet
   * @throws IOException as {@link #receiveFrom()} does
   */
  public Datagram<InetSocketAddress> tryReceiveFrom() throws IOException {
    return core.tryReceive();
  }

  /** The next datagram, the receiver's to release; cancelling the future loses none. */
  public CompletableFuture<Datagram<InetSocketAddress>> receiveFromAsync() {
    return core.receiveAsync();
  }

  /**
   * Waits until {@link #tryReceiveFrom} would give a datagram or an error.
   *
   * @throws java.io.InterruptedIOException when the calling task is interrupted
   */
  public void readable() throws IOException {
    core.readable("readable");
  }

  // ---- sending ----

  /**
   * Sends a datagram; waits until the kernel took it.
   *
   * @param bytes from its position to its limit: 65,507 bytes at most, 65,527 over IPv6
   * @param to whom to, resolved
   * @throws java.io.InterruptedIOException when the calling task is interrupted; nothing was sent
   * @throws IOException EMSGSIZE when it is too long; whatever the kernel says
   */
  public void sendTo(ByteBuffer bytes, InetSocketAddress to) throws IOException {
    check(bytes.remaining(), to);
    core.send(copy(bytes), to);
    bytes.position(bytes.limit());
  }

  /**
   * Sends a datagram from a buffer, which is released, also when this throws.
   *
   * @param bytes whatever it holds from the reader index on
   * @param to whom to, resolved
   * @throws IOException as {@link #sendTo(ByteBuffer, InetSocketAddress)} does
   */
  public void sendTo(ByteBuf bytes, InetSocketAddress to) throws IOException {
    check(bytes, to);
    core.send(bytes, to);
  }

  /**
   * Sends a datagram to the peer.
   *
   * @param bytes from its position to its limit
   * @throws NotYetConnectedException when it has no peer
   * @throws IOException as {@link #sendTo(ByteBuffer, InetSocketAddress)} does
   */
  public void send(ByteBuffer bytes) throws IOException {
    sendTo(bytes, requirePeer());
  }

  /**
   * Sends a datagram to the peer from a buffer, which is released, also when this throws.
   *
   * @param bytes whatever it holds from the reader index on
   * @throws NotYetConnectedException when it has no peer; then the buffer is still the caller's
   * @throws IOException as {@link #sendTo(ByteBuffer, InetSocketAddress)} does
   */
  public void send(ByteBuf bytes) throws IOException {
    sendTo(bytes, requirePeer());
  }

  /**
   * Sends a datagram if there is room, and does not wait. What the kernel says of it, a later call
   * tells.
   *
   * @param bytes is read at once
   * @param to whom to, resolved
   * @return whether it was taken; if not, the buffer's position stays
   * @throws IOException as {@link #sendTo(ByteBuffer, InetSocketAddress)} does
   */
  public boolean trySendTo(ByteBuffer bytes, InetSocketAddress to) throws IOException {
    check(bytes.remaining(), to);
    ByteBuf copy = copy(bytes);
    boolean taken = false;
    try {
      taken = core.trySend(copy, to);
    } finally {
      if (!taken) {
        copy.release();
      }
    }
    if (taken) {
      bytes.position(bytes.limit());
    }
    return taken;
  }

  /** Sends from a buffer, which is released; done when the kernel took it. Bound them yourself. */
  public CompletableFuture<Void> sendToAsync(ByteBuf bytes, InetSocketAddress to) {
    try {
      check(bytes, to);
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
    return core.sendAsync(bytes, to);
  }

  /**
   * Waits until {@link #trySendTo} would take a datagram, or fail.
   *
   * @throws java.io.InterruptedIOException when the calling task is interrupted
   */
  public void writable() throws IOException {
    core.writable();
  }

  private static void check(ByteBuf bytes, InetSocketAddress to) throws IOException {
    try {
      check(bytes.readableBytes(), to);
    } catch (Throwable e) {
      bytes.release();
      throw e;
    }
  }

  private static void check(int sizeBytes, InetSocketAddress to) throws IOException {
    if (to.isUnresolved()) {
      throw new IllegalArgumentException(to + " is not resolved: look it up with Resolver");
    }
    int longest = to.getAddress() instanceof Inet4Address ? LONGEST_IPV4_BYTES : LONGEST_IPV6_BYTES;
    if (sizeBytes > longest) {
      throw IoFailure.of(
          "send " + sizeBytes + " bytes to", to, new SocketException("Message too long"));
    }
  }

  private ByteBuf copy(ByteBuffer bytes) {
    return core.channel().alloc().directBuffer(bytes.remaining()).writeBytes(bytes.duplicate());
  }

  private InetSocketAddress requirePeer() {
    InetSocketAddress to = peer;
    if (to == null) {
      throw new NotYetConnectedException();
    }
    return to;
  }

  // ---- groups ----

  /**
   * Joins a multicast group.
   *
   * @param group of the socket's address family
   * @param on the interface to receive it from
   * @throws IOException when the kernel refuses
   */
  public void join(InetAddress group, NetworkInterface on) throws IOException {
    membership("join", group, on, channel -> channel.joinGroup(group, on, null));
  }

  /**
   * Leaves a multicast group.
   *
   * @param group that was joined
   * @param on the interface it was joined on
   * @throws IOException when the kernel refuses
   */
  public void leave(InetAddress group, NetworkInterface on) throws IOException {
    membership("leave", group, on, channel -> channel.leaveGroup(group, on, null));
  }

  private void membership(
      String operation,
      InetAddress group,
      NetworkInterface on,
      java.util.function.Function<DatagramChannel, io.netty.channel.ChannelFuture> change)
      throws IOException {
    LoopThread.refuse(operation);
    DatagramChannel channel = (DatagramChannel) core.channel();
    CompletableFuture<Void> done = new CompletableFuture<>();
    OnLoop.start(
            channel,
            () ->
                change
                    .apply(channel)
                    .addListener(
                        changed -> {
                          if (changed.isSuccess()) {
                            done.complete(null);
                          } else {
                            done.completeExceptionally(
                                IoFailure.withMessage(
                                    operation
                                        + ' '
                                        + group.getHostAddress()
                                        + " on "
                                        + on.getName()
                                        + ": "
                                        + changed.cause().getMessage(),
                                    changed.cause()));
                          }
                        }))
        .exceptionally(
            failure -> {
              done.completeExceptionally(failure);
              return null;
            });
    Waiting.await(operation, done, nothing -> {});
  }

  /**
   * The interface that what is sent to groups leaves by.
   *
   * @param through the interface
   * @throws IOException when the kernel refuses
   */
  public void multicastInterface(NetworkInterface through) throws IOException {
    Channel channel = core.channel();
    OnLoop.call(
        "multicastInterface",
        channel,
        () -> channel.config().setOption(ChannelOption.IP_MULTICAST_IF, through));
  }

  // ---- the socket ----

  /**
   * Reads an option.
   *
   * @param option which
   * @return its value
   * @throws IOException when the kernel refuses, or the socket is closed
   * @throws UnsupportedOperationException when the transport lacks it
   */
  public <T> T get(Option<T> option) throws IOException {
    return OnLoop.get(core.channel(), option);
  }

  /**
   * Sets an option.
   *
   * @param option which
   * @param value its value
   * @throws IOException when the kernel refuses, or the socket is closed
   * @throws UnsupportedOperationException when the transport lacks it
   */
  public <T> void set(Option<T> option, T value) throws IOException {
    OnLoop.set(core.channel(), option, value);
  }

  /**
   * How many datagrams the kernel dropped, for want of room or with a bad checksum, since the
   * socket was bound. On NIO it is read from {@code /proc/net/udp}, and is that of all sockets that
   * share its address.
   *
   * @return a count; it wraps at 2³²
   * @throws IOException when the socket is closed
   * @throws UnsupportedOperationException where the host is not Linux
   */
  public long drops() throws IOException {
    Channel channel = core.channel();
    return channel instanceof UnixChannel
        ? OnLoop.call("drops", channel, () -> SocketOption.drops(SocketStream.descriptor(channel)))
        : ProcNetUdp.drops(localAddress());
  }

  /** The engine whose loop serves this socket. */
  public Engine engine() {
    return engine;
  }

  /** What it runs on: the engine's transport. */
  public Transport transport() {
    return ((Loop) core.channel().eventLoop()).transport();
  }

  /** Whether it is open. */
  public boolean isOpen() {
    return core.isOpen();
  }

  /**
   * Closes the socket, behind what was sent. Whoever waits for it gets an {@link
   * java.nio.channels.AsynchronousCloseException}. A second time does nothing.
   */
  @Override
  public void close() {
    core.close();
  }

  @Override
  public String toString() {
    return "UdpSocket[" + IoFailure.text(localAddress()) + ']';
  }
}
