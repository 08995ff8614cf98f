package dev.headrace.net;

import dev.headrace.AbstractUnixAddress;
import dev.headrace.Engine;
import dev.headrace.IoFailure;
import dev.headrace.Transport;
import dev.headrace.internal.lock.ShortLock;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.internal.transport.UnixAddresses;
import dev.headrace.linux.Descriptors;
import dev.headrace.linux.Errno;
import dev.headrace.linux.LinuxException;
import dev.headrace.linux.SocketOption;
import dev.headrace.linux.Sockets;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;

/**
 * A Unix socket for datagrams, on an epoll loop whatever the engine's own transport. Nothing is
 * received before it is asked for: what nobody takes waits in the kernel, about ten datagrams
 * (net.unix.max_dgram_qlen), and then its senders wait. Nothing is dropped.
 *
 * <p>One task sends and one receives at a time, which may be two. An interrupted call throws {@link
 * java.io.InterruptedIOException}, and has neither received nor sent anything.
 *
 * <p>On a host without epoll the factories throw {@link UnsupportedOperationException}.
 */
public final class UnixDatagram implements AutoCloseable {
  private static final long FULL_RECEIVER_NANOS = 1_000_000;

  private final Engine engine;
  private final ReadyDescriptor descriptor;
  private final ShortLock lock; // the descriptor's

  // Guarded by the lock.
  private final ArrayDeque<Datagram<SocketAddress>> front = new ArrayDeque<>(); // was put back
  private UnixDomainSocketAddress path; // bound, and removed at the end; null where there is none
  private boolean retrying;

  /** What …Async forms send, by receiver: none overtakes another on its way to the same one. */
  private final Map<SocketAddress, ArrayDeque<Sending>> waiting = new HashMap<>();

  private volatile SocketAddress peer;

  private UnixDatagram(Engine engine, ReadyDescriptor descriptor) {
    this.engine = engine;
    this.descriptor = descriptor;
    lock = descriptor.lock();
    descriptor.onEnd(this::ended);
  }

  /**
   * A socket at a path.
   *
   * @param engine whose epoll loop watches it; closing the engine closes it
   * @param local up to 107 bytes; the file of a socket that is gone is replaced, and this one's is
   *     removed when it is closed
   * @return the socket, the caller's to close
   * @throws IOException when it cannot be bound; the message names the remedy
   */
  public static UnixDatagram bind(Engine engine, UnixDomainSocketAddress local) throws IOException {
    IoFailure.refuseLongPath("bind", local);
    return bindTo(engine, local, local);
  }

  /**
   * A socket at a name of the abstract namespace.
   *
   * @param engine whose epoll loop watches it
   * @param local the name
   * @return the socket, the caller's to close
   * @throws IOException when it cannot be bound
   */
  public static UnixDatagram bind(Engine engine, AbstractUnixAddress local) throws IOException {
    return bindTo(engine, local, null);
  }

  private static UnixDatagram bindTo(
      Engine engine, SocketAddress local, UnixDomainSocketAddress path) throws IOException {
    UnixDatagram socket = open(engine);
    try {
      byte[] address = UnixAddresses.bytes(local);
      int result = socket.bind(address, path);
      if (result == -Errno.EADDRINUSE && path != null && isStale(path)) {
        Files.delete(path.getPath());
        result = socket.bind(address, path);
      }
      if (result != 0) {
        throw IoFailure.of("bind", local, new LinuxException("bind", "", Errno.of(-result)));
      }
      return socket;
    } catch (IOException | RuntimeException e) {
      socket.descriptor.close();
      throw e;
    }
  }

  private int bind(byte[] address, UnixDomainSocketAddress made) throws IOException {
    return descriptor.call(
        fd -> {
          int result = failureOf(() -> Sockets.bindUnix(fd, address));
          path = result == 0 ? made : null; // somebody else's is left alone
          return result;
        });
  }

  /** Nobody receives at it: a file that is no socket refuses in the same words. */
  private static boolean isStale(UnixDomainSocketAddress path) throws IOException {
    if (!Files.readAttributes(
            path.getPath(),
            java.nio.file.attribute.BasicFileAttributes.class,
            java.nio.file.LinkOption.NOFOLLOW_LINKS)
        .isOther()) {
      return false;
    }
    int probe = Sockets.unixDatagram();
    try {
      return failureOf(() -> Sockets.connectUnix(probe, UnixAddresses.bytes(path)))
          == -Errno.ECONNREFUSED;
    } finally {
      Descriptors.close(probe);
    }
  }

  /**
   * A socket without an address: it sends, and nobody can answer it.
   *
   * @param engine whose epoll loop watches it
   * @return the socket, the caller's to close
   * @throws IOException when there are no descriptors left
   */
  public static UnixDatagram unbound(Engine engine) throws IOException {
    return open(engine);
  }

  private static UnixDatagram open(Engine engine) throws IOException {
    LoopThread.refuse("open");
    engine.epoll().loop(); // where there is none, no descriptor is made
    return new UnixDatagram(engine, ReadyDescriptor.watch(engine, Sockets.unixDatagram()));
  }

  /**
   * Two sockets.
   *
   * @param first what it sends the other receives
   * @param second and the other way round
   */
  public record Pair(UnixDatagram first, UnixDatagram second) {}

  /**
   * Makes two sockets that are connected to each other and have no address.
   *
   * @param engine whose epoll loops watch both
   * @return both, the caller's to close
   * @throws IOException when there are no descriptors left
   */
  public static Pair pair(Engine engine) throws IOException {
    LoopThread.refuse("pair");
    engine.epoll().loop();
    Descriptors.Pair sockets = Sockets.unixPair(true);
    UnixDatagram first;
    try {
      first = paired(engine, sockets.first());
    } catch (IOException | RuntimeException e) {
      Descriptors.close(sockets.second());
      throw e;
    }
    try {
      return new Pair(first, paired(engine, sockets.second()));
    } catch (IOException | RuntimeException e) {
      first.close();
      throw e;
    }
  }

  private static UnixDatagram paired(Engine engine, int socket) throws IOException {
    UnixDatagram paired = new UnixDatagram(engine, ReadyDescriptor.watch(engine, socket));
    paired.peer = UnixDomainSocketAddress.of("");
    return paired;
  }

  /**
   * Gives the socket a peer: {@link #send} goes there, and only it is heard.
   *
   * @param remote a {@code UnixDomainSocketAddress} or an {@link AbstractUnixAddress}
   * @throws IOException when nobody receives there
   */
  public void connect(SocketAddress remote) throws IOException {
    byte[] address = UnixAddresses.bytes(remote);
    int result = descriptor.call(fd -> failureOf(() -> Sockets.connectUnix(fd, address)));
    if (result != 0) {
      throw failure("connect", remote, result);
    }
    peer = remote;
  }

  /** Where it is bound; a path without characters where it is not; null when it is closed. */
  public SocketAddress localAddress() {
    return name(Sockets::localUnix);
  }

  /** Its peer, whose path may have no characters; null when it has none or is closed. */
  public SocketAddress peerAddress() {
    return peer == null ? null : name(Sockets::peerUnix);
  }

  private interface Name {
    byte[] of(int fd) throws LinuxException;
  }

  private SocketAddress name(Name name) {
    byte[][] bytes = new byte[1][];
    try {
      int result = descriptor.call(fd -> failureOf(() -> bytes[0] = name.of(fd)));
      return result == 0 ? UnixAddresses.of(bytes[0]) : null;
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Who is at the other end of a pair, or of a connected socket, as far as the kernel knows.
   *
   * @return process, user and group
   * @throws IOException when the socket is closed
   */
  public SocketOption.Credentials peerCredentials() throws IOException {
    SocketOption.Credentials[] credentials = new SocketOption.Credentials[1];
    int result =
        descriptor.call(fd -> failureOf(() -> credentials[0] = SocketOption.peerCredentials(fd)));
    if (result != 0) {
      throw failure("peerCredentials", localAddress(), result);
    }
    return credentials[0];
  }

  private interface Action {
    void run() throws LinuxException;
  }

  /** 0, or minus the errno. */
  private static int failureOf(Action action) {
    try {
      action.run();
      return 0;
    } catch (LinuxException e) {
      return -e.errno().number();
    }
  }

  private static IoFailure failure(String operation, SocketAddress address, int result) {
    return IoFailure.of(operation, address, new LinuxException(operation, "", Errno.of(-result)));
  }

  // ---- receiving ----

  /**
   * Takes the next datagram, whole; waits for it.
   *
   * @return the datagram, the caller's to release; its sender's path has no characters where the
   *     sender has no address
   * @throws java.io.InterruptedIOException when the calling task is interrupted; nothing is lost
   * @throws java.nio.channels.ClosedChannelException when the socket is closed
   */
  public Datagram<SocketAddress> receiveFrom() throws IOException {
    for (; ; ) {
      readable("receive");
      Datagram<SocketAddress> datagram = tryReceiveFrom();
      if (datagram != null) {
        return datagram;
      }
    }
  }

  /**
   * Takes the next datagram if there is one, and does not wait.
   *
   * @return the datagram, the caller's to release; null when there is none yet
   * @throws IOException when the socket is closed
   */
  public Datagram<SocketAddress> tryReceiveFrom() throws IOException {
    lock.lock();
    try {
      if (!front.isEmpty()) {
        return front.poll();
      }
    } finally {
      lock.unlock();
    }
    Taking taking = new Taking();
    int size = descriptor.tryRead(taking::take);
    if (size == ReadyDescriptor.WOULD_BLOCK) {
      return null;
    }
    if (size < 0) {
      throw failure("receive", localAddress(), size);
    }
    return taking.datagram;
  }

  /** Looks how long the next datagram is, and then takes it whole. */
  private static final class Taking {
    private Datagram<SocketAddress> datagram;

    int take(int fd) {
      int size = Sockets.receiveUnix(fd, ByteBuffer.allocateDirect(0), true).sizeBytes();
      if (size < 0) {
        return size;
      }
      ByteBuf bytes = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, size));
      Sockets.Received received = Sockets.receiveUnix(fd, bytes.internalNioBuffer(0, size), false);
      if (received.sizeBytes() < 0) {
        bytes.release();
        return received.sizeBytes();
      }
      bytes.writerIndex(received.sizeBytes());
      datagram = new Datagram<>(bytes, UnixAddresses.of(received.sender()));
      return received.sizeBytes();
    }
  }

  /**
   * Receives the next datagram into a buffer; waits for it.
   *
   * @param target where to; what it has no room for is gone, and the answer says so
   * @return its size and its sender
   * @throws IOException as {@link #receiveFrom()} does
   */
  public Received<SocketAddress> receiveFrom(ByteBuffer target) throws IOException {
    try (Datagram<SocketAddress> datagram = receiveFrom()) {
      return copy(datagram, target);
    }
  }

  /**
   * Looks at the next datagram without taking it; waits for it.
   *
   * @param target where to copy it
   * @return its size and its sender
   * @throws IOException as {@link #receiveFrom()} does
   */
  public Received<SocketAddress> peekFrom(ByteBuffer target) throws IOException {
    Datagram<SocketAddress> datagram = receiveFrom();
    Received<SocketAddress> received = copy(datagram, target);
    giveBack(datagram);
    return received;
  }

  private static Received<SocketAddress> copy(Datagram<SocketAddress> datagram, ByteBuffer target) {
    ByteBuf bytes = datagram.bytes();
    int size = bytes.readableBytes();
    int count = Math.min(size, target.remaining());
    int end = target.limit();
    bytes.getBytes(bytes.readerIndex(), target.limit(target.position() + count));
    target.limit(end);
    return new Received<>(size, count < size, datagram.sender());
  }

  private void giveBack(Datagram<SocketAddress> datagram) {
    boolean kept;
    lock.lock();
    try {
      kept = descriptor.isOpen();
      if (kept) {
        front.addFirst(datagram);
      }
    } finally {
      lock.unlock();
    }
    if (kept) {
      descriptor.wakeReader();
    } else {
      datagram.close();
    }
  }

  /** The next datagram, the receiver's to release; cancelling the future loses none. */
  public CompletableFuture<Datagram<SocketAddress>> receiveFromAsync() {
    return descriptor.readAsync(this::tryReceiveFrom, null);
  }

  /**
   * Waits until {@link #tryReceiveFrom} would give a datagram or an error.
   *
   * @throws java.io.InterruptedIOException when the calling task is interrupted
   */
  public void readable() throws IOException {
    readable("readable");
  }

  private void readable(String operation) throws IOException {
    descriptor.awaitReadable(operation, () -> !front.isEmpty());
  }

  // ---- sending ----

  /**
   * Sends a datagram; waits while the receiver has no room for it.
   *
   * @param bytes from its position to its limit; also none
   * @param to a {@code UnixDomainSocketAddress} or an {@link AbstractUnixAddress}
   * @throws java.io.InterruptedIOException when the calling task is interrupted; nothing was sent
   * @throws IOException ECONNREFUSED or ENOENT when nobody receives there, EMSGSIZE when it is
   *     longer than the send buffer
   */
  public void sendTo(ByteBuffer bytes, SocketAddress to) throws IOException {
    send(bytes, UnixAddresses.bytes(to), to);
  }

  /**
   * Sends a datagram to the peer.
   *
   * @param bytes from its position to its limit; also none
   * @throws IOException ENOTCONN when it has no peer, else as {@link #sendTo} does
   */
  public void send(ByteBuffer bytes) throws IOException {
    send(bytes, null, peer);
  }

  private void send(ByteBuffer bytes, byte[] address, SocketAddress to) throws IOException {
    LoopThread.refuse("send");
    ByteBuf direct = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, bytes.remaining()));
    try {
      direct.writeBytes(bytes.duplicate());
      ByteBuffer source = direct.nioBuffer();
      int result = attempt(source, address);
      while (result == ReadyDescriptor.WOULD_BLOCK) {
        await(address != null);
        result = attempt(source, address);
      }
      if (result < 0) {
        throw failure("send", to, result);
      }
      bytes.position(bytes.limit());
    } finally {
      direct.release();
    }
    descriptor.rest();
  }

  private int attempt(ByteBuffer source, byte[] address) throws IOException {
    Waiting.refuseInterrupted("send");
    return address == null
        ? descriptor.tryWrite(fd -> Sockets.sendUnix(fd, source, null))
        : descriptor.call(fd -> Sockets.sendUnix(fd, source, address));
  }

  /** The kernel tells when a peer has room again, but of nobody else: look again a little later. */
  private void await(boolean elsewhere) throws IOException {
    if (elsewhere) {
      LockSupport.parkNanos(FULL_RECEIVER_NANOS);
    } else {
      descriptor.awaitWritable("send");
    }
  }

  /**
   * Sends a datagram if its receiver has room, and does not wait.
   *
   * @param bytes is read at once
   * @param to whom to; null for the peer
   * @return whether it was sent; if not, the buffer's position stays
   * @throws IOException as {@link #sendTo} does
   */
  public boolean trySendTo(ByteBuffer bytes, SocketAddress to) throws IOException {
    ByteBuf direct = ByteBufAllocator.DEFAULT.directBuffer(Math.max(1, bytes.remaining()));
    try {
      direct.writeBytes(bytes.duplicate());
      int result = attempt(direct.nioBuffer(), to == null ? null : UnixAddresses.bytes(to));
      if (result == ReadyDescriptor.WOULD_BLOCK) {
        return false;
      }
      if (result < 0) {
        throw failure("send", to == null ? peer : to, result);
      }
      bytes.position(bytes.limit());
      return true;
    } finally {
      direct.release();
    }
  }

  /**
   * Sends a datagram, and does not wait.
   *
   * @param bytes is read at once: it may be used again when this returns
   * @param to whom to; null for the peer
   * @return done when it is with its receiver
   */
  public CompletableFuture<Void> sendToAsync(ByteBuffer bytes, SocketAddress to) {
    ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    Sending sending = new Sending(copy, to, new CompletableFuture<>());
    boolean full = false;
    Exception failed = null;
    lock.lock();
    try {
      ArrayDeque<Sending> before = waiting.get(to);
      if (before != null) {
        before.add(sending);
        return sending.done();
      }
      full = !trySendTo(copy, to);
      if (full) {
        waiting.computeIfAbsent(to, receiver -> new ArrayDeque<>()).add(sending);
      }
    } catch (IOException | RuntimeException e) {
      failed = e;
    } finally {
      lock.unlock();
    }
    if (full) {
      tryAgainLater();
    } else {
      sending.settle(failed);
    }
    return sending.done();
  }

  /** A datagram whose receiver has no room yet. */
  private record Sending(ByteBuffer bytes, SocketAddress to, CompletableFuture<Void> done) {
    void settle(Exception failed) {
      if (failed == null) {
        done.complete(null);
      } else {
        done.completeExceptionally(failed);
      }
    }
  }

  private void tryAgainLater() {
    lock.lock();
    try {
      if (retrying || waiting.isEmpty()) {
        return;
      }
      retrying = true;
    } finally {
      lock.unlock();
    }
    try {
      descriptor.later(this::tryAgain);
    } catch (RejectedExecutionException e) { // the engine has ended
      failSendings();
    }
  }

  private void tryAgain() {
    List<Runnable> told = new ArrayList<>();
    lock.lock();
    try {
      retrying = false;
      waiting.values().removeIf(sendings -> sendAll(sendings, told));
    } finally {
      lock.unlock();
    }
    told.forEach(Runnable::run);
    tryAgainLater();
  }

  /** Whether their receiver had room for all. */
  private boolean sendAll(ArrayDeque<Sending> sendings, List<Runnable> told) {
    for (Sending next = sendings.peek(); next != null; next = sendings.peek()) {
      Sending sending = next;
      if (!sending.done().isDone()) {
        try {
          if (!trySendTo(sending.bytes(), sending.to())) {
            return false;
          }
          told.add(() -> sending.settle(null));
        } catch (IOException | RuntimeException e) {
          told.add(() -> sending.settle(e));
        }
      }
      sendings.poll();
    }
    return true;
  }

  private void failSendings() {
    List<Sending> failed = new ArrayList<>();
    lock.lock();
    try {
      waiting.values().forEach(failed::addAll);
      waiting.clear();
    } finally {
      lock.unlock();
    }
    failed.forEach(sending -> sending.settle(new AsynchronousCloseException()));
  }

  /** The engine whose loop watches this socket. */
  public Engine engine() {
    return engine;
  }

  /** What it runs on: epoll. */
  public Transport transport() {
    return descriptor.transport();
  }

  /** Whether it is open. */
  public boolean isOpen() {
    return descriptor.isOpen();
  }

  /**
   * Closes the socket, and removes its path. Whoever waits for it gets an {@link
   * java.nio.channels.AsynchronousCloseException}. A second time does nothing.
   */
  @Override
  public void close() {
    UnixDomainSocketAddress bound = takePath(); // before the loop does
    descriptor.close();
    ended();
    remove(bound);
  }

  /** The descriptor is closed, by whomever: nothing stays behind. */
  private void ended() {
    List<Datagram<SocketAddress>> left;
    lock.lock();
    try {
      left = new ArrayList<>(front);
      front.clear();
    } finally {
      lock.unlock();
    }
    left.forEach(Datagram::close);
    failSendings();
    remove(takePath());
  }

  private UnixDomainSocketAddress takePath() {
    lock.lock();
    try {
      UnixDomainSocketAddress taken = path;
      path = null;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private static void remove(UnixDomainSocketAddress path) {
    if (path == null) {
      return;
    }
    try {
      Files.deleteIfExists(path.getPath());
    } catch (IOException e) {
      System.getLogger("dev.headrace")
          .log(System.Logger.Level.WARNING, "cannot remove " + path.getPath() + ": " + e);
    }
  }

  @Override
  public String toString() {
    return "UnixDatagram[" + IoFailure.text(localAddress()) + ']';
  }
}
