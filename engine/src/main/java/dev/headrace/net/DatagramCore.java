package dev.headrace.net;

import dev.headrace.Draining;
import dev.headrace.IoFailure;
import dev.headrace.internal.carrier.Carrier;
import dev.headrace.internal.lock.ShortLock;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.internal.loop.ReadGate;
import dev.headrace.linux.Errno;
import dev.headrace.linux.LinuxException;
import dev.headrace.linux.Sockets;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;

/**
 * A UDP socket between its loop and whoever uses it: what was received and not taken yet, what is
 * to be sent with the next flush, and who waits. Guarded by its lock.
 */
final class DatagramCore extends ChannelInboundHandlerAdapter implements Runnable {
  private final ShortLock lock = new ShortLock();

  /** Past either, reading stops, and the kernel's buffer fills: what overflows that, it drops. */
  private static final int INBOUND_HIGH = 512;

  private static final int INBOUND_HIGH_BYTES = 1 << 20;
  private static final int INBOUND_LOW = 64;
  private static final int INBOUND_LOW_BYTES = 256 << 10;

  /** So many may wait for the flush at the end of the drain. */
  private static final int OUTBOUND_HIGH = 256;

  private ChannelHandlerContext context;
  private Carrier carrier;

  // Guarded by the lock.
  private final ArrayDeque<Datagram<InetSocketAddress>> inbound = new ArrayDeque<>();
  private int inboundBytes;
  private final ArrayDeque<Outgoing> outbound = new ArrayDeque<>();
  private Object reader; // who waits: a thread, a callback, or null
  private final ArrayDeque<Thread> writers = new ArrayDeque<>();
  private boolean readingPaused;
  private boolean flushScheduled;
  private boolean inputEnded;
  private boolean closed;
  private boolean gone; // its channel is closed, by whomever
  private IOException pending;

  // Confined to the loop.
  private int unsent; // the channel's, not the kernel's yet
  private boolean draining;

  /** A datagram to send; nobody waits for one without a future. */
  private record Outgoing(ByteBuf bytes, InetSocketAddress to, CompletableFuture<Void> done) {}

  // ---- the loop's side ----

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    carrier = ((Loop) added.channel().eventLoop()).carrier();
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    DatagramPacket packet = (DatagramPacket) message;
    Object woken;
    boolean pause;
    lock.lock();
    try {
      if (closed || inputEnded) {
        packet.release();
        return;
      }
      ByteBuf bytes =
          reader != null && inbound.isEmpty() ? packet.content() : keep(packet.content());
      inbound.add(new Datagram<>(bytes, packet.sender()));
      inboundBytes += bytes.readableBytes();
      woken = takeReader();
      pause =
          !readingPaused && (inbound.size() >= INBOUND_HIGH || inboundBytes >= INBOUND_HIGH_BYTES);
      readingPaused |= pause;
    } finally {
      lock.unlock();
    }
    if (pause) {
      ReadGate.close(from.channel(), ReadGate.Reason.TASK_SLOW);
    }
    Waiting.wake(woken);
  }

  /** A short datagram that has to wait must not hold the memory of the longest. */
  private ByteBuf keep(ByteBuf bytes) {
    if (bytes.readableBytes() > bytes.capacity() / 2) {
      return bytes;
    }
    ByteBuf copy = context.alloc().buffer(bytes.readableBytes()).writeBytes(bytes);
    bytes.release();
    return copy;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event == Draining.BEGUN) {
      draining = true;
      endInput();
      run();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ended) {
    endInput();
    List<Outgoing> lost;
    lock.lock();
    try {
      gone = true;
      lost = new ArrayList<>(outbound);
      outbound.clear();
    } finally {
      lock.unlock();
    }
    lost.forEach(outgoing -> fail(outgoing, new ClosedChannelException()));
    wakeWriters();
  }

  private void endInput() {
    Object woken;
    lock.lock();
    try {
      inputEnded = true;
      woken = takeReader();
    } finally {
      lock.unlock();
    }
    Waiting.wake(woken);
  }

  /** An ICMP answer to what was sent earlier, mostly: told once, and the socket goes on. */
  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    Object woken;
    lock.lock();
    try {
      pending = IoFailure.of("receive", from.channel().localAddress(), cause);
      woken = takeReader();
    } finally {
      lock.unlock();
    }
    Waiting.wake(woken);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    wakeWriters();
  }

  private void wakeWriters() {
    List<Thread> woken;
    lock.lock();
    try {
      woken = new ArrayList<>(writers);
      writers.clear();
    } finally {
      lock.unlock();
    }
    woken.forEach(LockSupport::unpark);
  }

  private Object takeReader() {
    Object waiting = reader;
    reader = null;
    return waiting;
  }

  private void resumeReading() {
    lock.lock();
    try {
      if (!readingPaused || !isLow()) {
        return;
      }
      readingPaused = false;
    } finally {
      lock.unlock();
    }
    ReadGate.open(context.channel(), ReadGate.Reason.TASK_SLOW);
  }

  private boolean isLow() {
    return inbound.size() <= INBOUND_LOW && inboundBytes <= INBOUND_LOW_BYTES;
  }

  /** Hands to the channel what is to be sent, and to the kernel. */
  @Override
  public void run() {
    for (Outgoing outgoing = nextOutgoing(); outgoing != null; outgoing = nextOutgoing()) {
      if (outgoing.bytes().isReadable()) {
        write(outgoing);
      } else {
        context.flush();
        sendEmpty(outgoing);
      }
    }
    context.flush();
    wakeWriters();
    closeWhenDrained();
  }

  /** The engine is being closed: nothing more comes in, and what was to go out has gone. */
  private void closeWhenDrained() {
    if (draining && unsent == 0 && !hasOutgoing()) {
      context.close();
    }
  }

  private boolean hasOutgoing() {
    lock.lock();
    try {
      return !outbound.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private Outgoing nextOutgoing() {
    lock.lock();
    try {
      Outgoing outgoing = outbound.poll();
      flushScheduled = outgoing != null;
      return outgoing;
    } finally {
      lock.unlock();
    }
  }

  private void write(Outgoing outgoing) {
    unsent++;
    context
        .write(new DatagramPacket(outgoing.bytes(), outgoing.to()))
        .addListener(
            sent -> {
              unsent--;
              if (sent.isSuccess()) {
                succeed(outgoing);
              } else {
                tell(outgoing, sent.cause());
              }
              closeWhenDrained();
            });
  }

  /** Netty drops datagrams without bytes. */
  private void sendEmpty(Outgoing outgoing) {
    if (!(context.channel() instanceof UnixChannel unix)) {
      fail(
          outgoing,
          new UnsupportedOperationException(
              "the nio transport sends no empty datagrams: use io_uring or epoll"));
      return;
    }
    outgoing.bytes().release();
    try {
      ByteBuffer nothing = ByteBuffer.allocateDirect(0);
      int result = Sockets.sendInet(unix.fd().intValue(), nothing, outgoing.to());
      if (result < 0) {
        throw new LinuxException("sendto", "", Errno.of(-result));
      }
      succeed(outgoing);
    } catch (IOException e) {
      tell(outgoing, e);
    }
  }

  private static void succeed(Outgoing outgoing) {
    if (outgoing.done() != null) {
      outgoing.done().complete(null);
    }
  }

  private void fail(Outgoing outgoing, Throwable cause) {
    outgoing.bytes().release();
    tell(outgoing, cause);
  }

  private void tell(Outgoing outgoing, Throwable cause) {
    Throwable failure =
        cause instanceof RuntimeException || cause instanceof ClosedChannelException
            ? cause
            : IoFailure.of("send", outgoing.to(), cause);
    if (outgoing.done() != null) {
      outgoing.done().completeExceptionally(failure);
    } else if (failure instanceof IoFailure told) {
      lock.lock();
      try {
        pending = told;
      } finally {
        lock.unlock();
      }
    }
  }

  // ---- receiving ----

  Datagram<InetSocketAddress> receive() throws IOException {
    for (; ; ) {
      readable("receive");
      Datagram<InetSocketAddress> datagram = tryReceive();
      if (datagram != null) {
        return datagram;
      }
    }
  }

  /** Waits until {@link #tryReceive} would give a datagram, or an error. */
  void readable(String operation) throws IOException {
    LoopThread.refuse(operation);
    Thread self = Thread.currentThread();
    for (; ; ) {
      lock.lock();
      try {
        if (Thread.interrupted()) {
          forget(self);
          throw Waiting.interrupted(operation);
        }
        if (!inbound.isEmpty() || pending != null || inputEnded || closed) {
          boolean waited = reader == self;
          forget(self);
          if (waited && closed) {
            throw new AsynchronousCloseException();
          }
          return;
        }
        waitAsReader(self);
      } finally {
        lock.unlock();
      }
      LockSupport.park();
    }
  }

  /** The next one; null when there is none yet. */
  Datagram<InetSocketAddress> tryReceive() throws IOException {
    lock.lock();
    try {
      throwPending();
      Datagram<InetSocketAddress> datagram = inbound.poll();
      if (datagram != null) {
        inboundBytes -= datagram.bytes().readableBytes();
        if (readingPaused && isLow()) {
          carrier.flushLater(this::resumeReading); // not any more once the engine has ended
        }
        return datagram;
      }
      if (closed || inputEnded) {
        throw new ClosedChannelException();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Copies the next one and leaves it; null when there is none yet. */
  Received<InetSocketAddress> tryPeek(ByteBuffer target) throws IOException {
    lock.lock();
    try {
      throwPending();
      Datagram<InetSocketAddress> datagram = inbound.peek();
      if (datagram != null) {
        return copy(datagram, target);
      }
      if (closed || inputEnded) {
        throw new ClosedChannelException();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  static Received<InetSocketAddress> copy(Datagram<InetSocketAddress> datagram, ByteBuffer target) {
    ByteBuf bytes = datagram.bytes();
    int size = bytes.readableBytes();
    int count = Math.min(size, target.remaining());
    int end = target.limit();
    bytes.getBytes(bytes.readerIndex(), target.limit(target.position() + count));
    target.limit(end);
    return new Received<>(size, count < size, datagram.sender());
  }

  CompletableFuture<Datagram<InetSocketAddress>> receiveAsync() {
    Claim<Datagram<InetSocketAddress>> future = new Claim<>();
    receive(future);
    future.whenComplete((datagram, failure) -> giveUp(future));
    return future;
  }

  /** Completes a future with the next one, or waits for it. */
  private void receive(Claim<Datagram<InetSocketAddress>> future) {
    Datagram<InetSocketAddress> datagram = null;
    Exception failed = null;
    lock.lock();
    try {
      if (inbound.isEmpty() && pending == null && !inputEnded && !closed) {
        if (!future.isDone()) {
          waitAsReader(new Direction.AsyncWait(future, () -> receive(future)));
        }
        return;
      }
      if (!future.claim()) {
        return;
      }
      datagram = tryReceive();
    } catch (IOException | IllegalStateException e) {
      failed = e;
    } finally {
      lock.unlock();
    }
    Direction.settle(future, datagram, failed);
  }

  private void giveUp(CompletableFuture<?> future) {
    lock.lock();
    try {
      if (reader instanceof Direction.AsyncWait wait && wait.future() == future) {
        reader = null;
      }
    } finally {
      lock.unlock();
    }
  }

  private void throwPending() throws IOException {
    IOException failure = pending;
    pending = null;
    if (failure != null) {
      throw failure;
    }
  }

  private void waitAsReader(Object waiter) {
    if (reader != null && reader != waiter) {
      throw new IllegalStateException(
          "another task receives from this socket; one receives at a time: " + reader);
    }
    reader = waiter;
  }

  private void forget(Thread waiter) {
    if (reader == waiter) {
      reader = null;
    }
    writers.remove(waiter);
  }

  // ---- sending ----

  /** Sends a datagram, the socket's from now on; waits until the kernel took it. */
  void send(ByteBuf bytes, InetSocketAddress to) throws IOException {
    Outgoing outgoing = new Outgoing(bytes, to, new CompletableFuture<>());
    try {
      awaitRoom(outgoing);
    } catch (Throwable e) {
      bytes.release();
      throw e;
    }
    boolean interrupted = false;
    try {
      for (; ; ) {
        try {
          outgoing.done().get();
          return;
        } catch (InterruptedException e) {
          interrupted = true;
          if (takeBack(outgoing)) {
            interrupted = false;
            throw Waiting.interrupted("send");
          }
        } catch (ExecutionException e) {
          throw Waiting.thrown(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt(); // it had gone already: the next wait tells
      }
    }
  }

  private boolean takeBack(Outgoing outgoing) {
    lock.lock();
    try {
      boolean waited = outbound.remove(outgoing);
      if (waited) {
        outgoing.bytes().release();
      }
      return waited;
    } finally {
      lock.unlock();
    }
  }

  private void awaitRoom(Outgoing outgoing) throws IOException {
    LoopThread.refuse("send");
    Thread self = Thread.currentThread();
    for (; ; ) {
      lock.lock();
      try {
        if (Thread.interrupted()) {
          forget(self);
          throw Waiting.interrupted("send");
        }
        if (trySend(outgoing)) {
          return;
        }
        if (!writers.contains(self)) {
          writers.add(self);
        }
      } finally {
        lock.unlock();
      }
      LockSupport.park();
    }
  }

  /** Waits until {@link #trySend} would take a datagram, or fail. */
  void writable() throws IOException {
    LoopThread.refuse("writable");
    Thread self = Thread.currentThread();
    for (; ; ) {
      lock.lock();
      try {
        if (Thread.interrupted()) {
          forget(self);
          throw Waiting.interrupted("writable");
        }
        if (maySend() || pending != null || closed || gone) {
          forget(self);
          return;
        }
        if (!writers.contains(self)) {
          writers.add(self);
        }
      } finally {
        lock.unlock();
      }
      LockSupport.park();
    }
  }

  /** Whether it was taken; what becomes of it then, a later call tells. */
  boolean trySend(ByteBuf bytes, InetSocketAddress to) throws IOException {
    return trySend(new Outgoing(bytes, to, null));
  }

  /** Sends a datagram, the socket's from now on; what does not fit waits, however much it is. */
  CompletableFuture<Void> sendAsync(ByteBuf bytes, InetSocketAddress to) {
    Outgoing outgoing = new Outgoing(bytes, to, new CompletableFuture<>());
    try {
      lock.lock();
      try {
        checkOutput();
        take(outgoing);
      } finally {
        lock.unlock();
      }
    } catch (IOException e) {
      bytes.release();
      return CompletableFuture.failedFuture(e);
    }
    return outgoing.done();
  }

  private boolean trySend(Outgoing outgoing) throws IOException {
    lock.lock();
    try {
      checkOutput();
      if (!maySend()) {
        return false;
      }
      take(outgoing);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void checkOutput() throws IOException {
    if (closed || gone) {
      throw new ClosedChannelException();
    }
    throwPending();
  }

  private boolean maySend() {
    return outbound.size() < OUTBOUND_HIGH && context.channel().isWritable();
  }

  private void take(Outgoing outgoing) {
    outbound.add(outgoing);
    if (!flushScheduled) {
      flushScheduled = true;
      carrier.flushLater(this);
    }
  }

  // ---- the end ----

  void close() {
    Object woken;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      inbound.forEach(Datagram::close);
      inbound.clear();
      woken = reader;
    } finally {
      lock.unlock();
    }
    Waiting.wake(woken);
    wakeWriters();
    carrier.flushLater(
        () -> {
          run();
          context.channel().close();
        });
  }

  boolean isOpen() {
    lock.lock();
    try {
      return !closed && !gone;
    } finally {
      lock.unlock();
    }
  }

  Channel channel() {
    return context.channel();
  }
}
