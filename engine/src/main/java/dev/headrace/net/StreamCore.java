package dev.headrace.net;

import dev.headrace.Draining;
import dev.headrace.IoFailure;
import dev.headrace.buffer.BufferPool;
import dev.headrace.internal.carrier.Carrier;
import dev.headrace.internal.lock.ShortLock;
import dev.headrace.internal.loop.Keeping;
import dev.headrace.internal.loop.Loop;
import dev.headrace.internal.loop.LoopThread;
import dev.headrace.internal.loop.ReadGate;
import dev.headrace.io.ByteSink;
import dev.headrace.linux.LinuxException;
import dev.headrace.linux.SocketSend;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A stream between its loop and whoever reads and writes it: what arrived and was not read yet,
 * what was written and not flushed yet, and who waits. Guarded by a lock that is hardly ever
 * contended: a task that the stream's own loop carries runs on the loop's thread.
 */
final class StreamCore extends ChannelInboundHandlerAdapter implements Runnable {
  private static final System.Logger LOG = System.getLogger("dev.headrace");

  /** Coarse: each stop and start of reading is a cancelled and a new receive in the ring. */
  private static final int INBOUND_HIGH_BYTES = 256 << 10;

  private static final int INBOUND_LOW_BYTES = 64 << 10;

  /** How much may wait for the flush at the end of the drain. */
  private static final int OUTBOUND_HIGH_BYTES = 64 << 10;

  /** How long a closed stream goes on sending what it still has. */
  private static final int LINGER_SECONDS = 30;

  private Runnable onActive;
  private ChannelHandlerContext context;
  private Carrier carrier;

  private final ShortLock lock = new ShortLock();
  private final BufferQueue inbound = new BufferQueue();
  private final BufferQueue outbound = new BufferQueue();

  /** Who waits: a thread, an {@link AsyncWait}, or null. */
  private Object reader;

  private Object writer;
  private int moves;
  private boolean inputEnded;
  private boolean inputClosed;
  private boolean outputEnded;
  private boolean closed;
  private boolean readingPaused;
  private boolean flushScheduled;
  private boolean draining;
  private boolean isSent;
  private Throwable failure;

  /**
   * A core for a channel that is being made.
   *
   * @param onActive runs on the loop when the stream is connected
   */
  StreamCore(Runnable onActive) {
    this.onActive = onActive;
  }

  // ---- the loop's side ----

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    carrier = ((Loop) added.channel().eventLoop()).carrier();
    added.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    Runnable action = onActive;
    onActive = null;
    if (action != null) {
      action.run();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    Object woken;
    boolean pause;
    lock.lock();
    try {
      if (closed || inputEnded || !bytes.isReadable()) {
        bytes.release();
        return;
      }
      moves++;
      woken = takeReader();
      if (Keeping.asCopy(loop().pool(), woken != null)) {
        inbound.addCopy(bytes, context.alloc());
      } else {
        inbound.add(bytes);
      }
      pause = !readingPaused && inbound.bytes() >= INBOUND_HIGH_BYTES;
      readingPaused |= pause;
    } finally {
      lock.unlock();
    }
    if (pause) {
      ReadGate.close(from.channel(), ReadGate.Reason.TASK_SLOW);
    }
    Waiting.wake(woken);
  }

  private Loop loop() {
    return (Loop) context.channel().eventLoop();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    wakeWriter();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      endInput();
    } else if (event == Draining.BEGUN && from.channel().parent() != null) {
      lock.lock();
      try {
        draining = true;
      } finally {
        lock.unlock();
      }
      endInput();
    }
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
    resumeReading();
    Waiting.wake(woken);
    if (isSent) {
      allSent();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) {
    Object wokenReader;
    Object wokenWriter;
    lock.lock();
    try {
      inputEnded = true;
      if (failure == null && !outputEnded) {
        failure = new ClosedChannelException();
      }
      outputEnded = true;
      outbound.release();
      wokenReader = takeReader();
      wokenWriter = takeWriter();
    } finally {
      lock.unlock();
    }
    Waiting.wake(wokenReader);
    Waiting.wake(wokenWriter);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.log(Level.ERROR, "a handler failed; " + from.channel() + " is closed", cause);
    }
    lock.lock();
    try {
      if (failure == null || failure instanceof ClosedChannelException) {
        failure = cause;
      }
    } finally {
      lock.unlock();
    }
    from.close();
  }

  /** After the close it stays: who waited through that is told so. */
  private Object takeReader() {
    Object waiting = reader;
    reader = closed ? reader : null;
    return waiting;
  }

  private Object takeWriter() {
    Object waiting = writer;
    writer = closed ? writer : null;
    return waiting;
  }

  private void wakeWriter() {
    Object woken;
    lock.lock();
    try {
      woken = mayWrite() ? takeWriter() : null;
    } finally {
      lock.unlock();
    }
    Waiting.wake(woken);
  }

  private void resumeReading() {
    lock.lock();
    try {
      boolean low = inbound.bytes() <= INBOUND_LOW_BYTES || inputEnded || closed;
      if (!readingPaused || !low) {
        return;
      }
      readingPaused = false;
    } finally {
      lock.unlock();
    }
    ReadGate.open(context.channel(), ReadGate.Reason.TASK_SLOW);
  }

  /** Hands to the channel what was written since the last time, and to the kernel. */
  @Override
  public void run() {
    for (ByteBuf bytes = nextOutbound(); bytes != null; bytes = nextOutbound()) {
      context.write(Keeping.forWriting(context.channel(), bytes), context.voidPromise());
    }
    context.flush();
    wakeWriter();
  }

  private ByteBuf nextOutbound() {
    lock.lock();
    try {
      ByteBuf bytes = outbound.poll();
      flushScheduled = bytes != null;
      moves++;
      return bytes;
    } finally {
      lock.unlock();
    }
  }

  // ---- the task's side: reading ----

  ByteBuf receive() throws IOException {
    LoopThread.refuse("receive");
    Thread self = Thread.currentThread();
    for (; ; ) {
      lock.lock();
      try {
        if (Thread.interrupted()) {
          forget(self);
          throw Waiting.interrupted("receive");
        }
        ByteBuf bytes = inbound.poll();
        if (bytes != null) {
          forget(self);
          resumeWhenLow();
          return bytes;
        }
        if (isAtEnd("receive")) {
          forget(self);
          return null;
        }
        waitAsReader(self);
      } finally {
        lock.unlock();
      }
      LockSupport.park();
    }
  }

  /** Waits until {@link #tryReceive} would give something: bytes, the end or a failure. */
  void readable() throws IOException {
    LoopThread.refuse("readable");
    Thread self = Thread.currentThread();
    for (; ; ) {
      lock.lock();
      try {
        if (Thread.interrupted()) {
          forget(self);
          throw Waiting.interrupted("readable");
        }
        if (closed || inputClosed) {
          return; // still registered: the read that follows tells why
        }
        if (!inbound.isEmpty() || inputEnded || failure != null) {
          forget(self);
          return;
        }
        waitAsReader(self);
      } finally {
        lock.unlock();
      }
      LockSupport.park();
    }
  }

  /** What there is; an empty buffer when there is nothing yet, null at the end. */
  ByteBuf tryReceive() throws IOException {
    lock.lock();
    try {
      ByteBuf bytes = inbound.poll();
      if (bytes != null) {
        resumeWhenLow();
        return bytes;
      }
      return isAtEnd("receive") ? null : Unpooled.EMPTY_BUFFER;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Copies what there is into the target.
   *
   * @param consume whether it is read, or only looked at
   * @return how many bytes, 0 when there is nothing yet, -1 at the end
   */
  int tryRead(ByteBuffer target, boolean consume) throws IOException {
    lock.lock();
    try {
      if (inbound.isEmpty()) {
        return isAtEnd("read") ? -1 : 0;
      }
      int start = target.position();
      if (consume) {
        while (target.hasRemaining() && !inbound.isEmpty()) {
          ByteBuf bytes = inbound.peek();
          int count = copy(bytes, target);
          bytes.skipBytes(count);
          inbound.read(count);
          if (!bytes.isReadable()) {
            inbound.poll().release();
          }
        }
        resumeWhenLow();
      } else {
        inbound.forEach(bytes -> copy(bytes, target));
      }
      return target.position() - start;
    } finally {
      lock.unlock();
    }
  }

  private static int copy(ByteBuf bytes, ByteBuffer target) {
    int count = Math.min(bytes.readableBytes(), target.remaining());
    int end = target.limit();
    bytes.getBytes(bytes.readerIndex(), target.limit(target.position() + count));
    target.limit(end);
    return count;
  }

  /** Completes a future with what comes next, or with null at the end. */
  void receive(Claim<ByteBuf> future) {
    ByteBuf bytes = null;
    Exception failed = null;
    lock.lock();
    try {
      try {
        if (inbound.isEmpty() && !isAtEnd("receive")) {
          await(future, () -> receive(future));
          return;
        }
        if (!future.claim()) {
          return;
        }
        bytes = tryReceive();
      } catch (IOException | IllegalStateException e) {
        failed = e;
      }
    } finally {
      lock.unlock();
    }
    end(future, bytes, failed);
  }

  /** Completes a future with how much of what comes next was copied into the target. */
  void read(Claim<Integer> future, ByteBuffer target) {
    int count = 0;
    Exception failed = null;
    lock.lock();
    try {
      try {
        if (inbound.isEmpty() && !isAtEnd("read")) {
          await(future, () -> read(future, target));
          return;
        }
        if (!future.claim()) {
          return;
        }
        count = tryRead(target, true);
      } catch (IOException | IllegalStateException e) {
        failed = e;
      }
    } finally {
      lock.unlock();
    }
    end(future, count, failed);
  }

  private void await(Claim<?> future, Runnable again) {
    if (!future.isDone()) {
      waitAsReader(new AsyncWait(future, again));
    }
  }

  /** Not under the lock: what depends on the future runs here. */
  private static <T> void end(Claim<T> future, T value, Exception failed) {
    if (failed == null) {
      future.finish(value);
    } else {
      future.claim();
      future.fail(failed); // does nothing if somebody else was first
    }
  }

  /**
   * A future waits for the stream. Woken, it tries again.
   *
   * @param future which
   * @param again finds out that the future is done, too
   */
  private record AsyncWait(CompletableFuture<?> future, Runnable again) implements Runnable {
    @Override
    public void run() {
      again.run();
    }

    @Override
    public String toString() {
      return "an …Async form whose future is not done";
    }
  }

  /** Somebody else completed a future that waits here, most likely cancelled it. */
  void giveUp(CompletableFuture<?> future) {
    Object given = null;
    lock.lock();
    try {
      if (reader instanceof AsyncWait wait && wait.future() == future) {
        given = takeReader();
      } else if (writer instanceof AsyncWait wait && wait.future() == future) {
        given = takeWriter();
      }
    } finally {
      lock.unlock();
    }
    Waiting.wake(given);
  }

  void unread(ByteBuf bytes) {
    Object woken;
    lock.lock();
    try {
      if (closed || !bytes.isReadable()) {
        bytes.release();
        return;
      }
      inbound.addFirst(bytes);
      woken = takeReader();
    } finally {
      lock.unlock();
    }
    Waiting.wake(woken);
  }

  /** Whether reading has come to the end; throws if that is none of the peer's making. */
  private boolean isAtEnd(String operation) throws IOException {
    if (closed || inputClosed) {
      boolean waited = isWaiting(reader);
      reader = null;
      throw waited ? new AsynchronousCloseException() : new ClosedChannelException();
    }
    if (failure != null && !(failure instanceof ClosedChannelException)) {
      throw IoFailure.of(operation, remote(), failure);
    }
    return inputEnded;
  }

  private static boolean isWaiting(Object waiter) {
    return waiter == Thread.currentThread() || waiter instanceof AsyncWait;
  }

  private void waitAsReader(Object waiter) {
    if (reader != null && reader != waiter) {
      throw new IllegalStateException(
          "another task reads this stream; one reads at a time: " + reader);
    }
    reader = waiter;
  }

  private void forget(Object waiter) {
    if (reader == waiter) {
      reader = null;
    }
    if (writer == waiter) {
      writer = null;
    }
  }

  private void resumeWhenLow() {
    if (readingPaused && inbound.bytes() <= INBOUND_LOW_BYTES) {
      carrier.flushLater(this::resumeReading);
    }
  }

  /** Nobody reads any more; what is sent goes on. */
  void closeInput() {
    Object woken;
    lock.lock();
    try {
      if (closed || inputClosed) {
        return;
      }
      inputClosed = true;
      woken = reader;
    } finally {
      lock.unlock();
    }
    Waiting.wake(woken);
  }

  // ---- the task's side: writing ----

  void send(ByteBuf bytes) throws IOException {
    LoopThread.refuse("send");
    Thread self = Thread.currentThread();
    for (; ; ) {
      lock.lock();
      try {
        if (Thread.interrupted()) {
          forget(self);
          throw Waiting.interrupted("send");
        }
        checkOutput();
        if (mayWrite()) {
          forget(self);
          take(bytes);
          return;
        }
        waitAsWriter(self);
      } finally {
        lock.unlock();
      }
      LockSupport.park();
    }
  }

  /** Waits until {@link #trySend} would take something, or fail. */
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
        if (closed) {
          return; // still registered: the write that follows tells why
        }
        if (mayWrite() || outputEnded || failure != null) {
          forget(self);
          return;
        }
        waitAsWriter(self);
      } finally {
        lock.unlock();
      }
      LockSupport.park();
    }
  }

  /** Whether it was taken. */
  boolean trySend(ByteBuf bytes) throws IOException {
    lock.lock();
    try {
      checkOutput();
      if (!mayWrite()) {
        return false;
      }
      take(bytes);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Copies what there is room for; 0 when there is none. */
  int tryWrite(ByteBuffer source) throws IOException {
    lock.lock();
    try {
      checkOutput();
      int start = source.position();
      while (source.hasRemaining() && mayWrite()) {
        ByteBuf room = outbound.room();
        if (room == null) {
          room = chunk(source.remaining());
          outbound.addOpen(room);
        }
        int count = Math.min(room.writableBytes(), source.remaining());
        room.writeBytes(source.slice(source.position(), count));
        source.position(source.position() + count);
        outbound.appended(count);
      }
      if (source.position() != start) {
        scheduleFlush();
      }
      return source.position() - start;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Sends straight from the task's memory, while nothing waits to be sent: a large write is not
   * copied. The kernel takes what it has room for, and the task keeps the rest.
   *
   * @return how many bytes were sent; 0 when there is no room, or something waits
   */
  int sendNow(ByteBuffer source) throws IOException {
    lock.lock();
    try {
      checkOutput();
      if (!(context.channel() instanceof UnixChannel socket) || !carrier.isCurrent()) {
        return 0;
      }
      ChannelOutboundBuffer pending = socket.unsafe().outboundBuffer();
      if (!outbound.isEmpty() || pending == null || pending.totalPendingWriteBytes() > 0) {
        return 0;
      }
      return SocketSend.now(socket.fd().intValue(), source);
    } catch (LinuxException e) {
      throw IoFailure.of("send", remote(), e);
    } finally {
      lock.unlock();
    }
  }

  private ByteBuf chunk(int neededBytes) {
    BufferPool pool = LoopThread.currentPool();
    ByteBuf chunk = pool == null || pool.isTight() ? null : pool.tryTake();
    return chunk != null
        ? chunk
        : context.alloc().directBuffer(Math.clamp(neededBytes, 256, ByteSink.CHUNK_BYTES));
  }

  /** Sends a buffer, the stream's own from now on, when there is room, and completes a future. */
  void send(ByteBuf bytes, Claim<Void> future) {
    boolean taken = false;
    Exception failed = null;
    lock.lock();
    try {
      try {
        checkOutput();
        if (!mayWrite() && !future.isDone()) {
          waitAsWriter(new AsyncWait(future, () -> send(bytes, future)));
          return;
        }
        taken = future.claim();
        if (taken) {
          take(bytes);
        }
      } catch (IOException | IllegalStateException e) {
        failed = e;
      }
    } finally {
      lock.unlock();
    }
    if (!taken) {
      bytes.release();
    }
    if (taken || failed != null) {
      end(future, null, failed);
    }
  }

  private void take(ByteBuf bytes) {
    outbound.add(bytes);
    scheduleFlush();
  }

  private void scheduleFlush() {
    if (!flushScheduled) {
      flushScheduled = true;
      carrier.flushLater(this);
    }
  }

  private boolean mayWrite() {
    return outbound.bytes() < OUTBOUND_HIGH_BYTES && context.channel().isWritable();
  }

  private void checkOutput() throws IOException {
    if (closed) {
      boolean waited = isWaiting(writer);
      writer = null;
      throw waited ? new AsynchronousCloseException() : new ClosedChannelException();
    }
    if (failure != null) {
      throw failure instanceof ClosedChannelException
          ? new ClosedChannelException()
          : IoFailure.of("send", remote(), failure);
    }
    if (outputEnded) {
      throw new ClosedChannelException();
    }
  }

  private void waitAsWriter(Object waiter) {
    if (writer != null && writer != waiter) {
      throw new IllegalStateException(
          "another task writes this stream; one writes at a time: " + writer);
    }
    writer = waiter;
  }

  /** Done when all that was sent is with the kernel. */
  CompletableFuture<Void> flush() {
    CompletableFuture<Void> flushed = new CompletableFuture<>();
    Runnable flush =
        () -> {
          run();
          context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> end(done, flushed));
        };
    if (!carrier.flushLater(flush)) {
      flushed.completeExceptionally(new ClosedChannelException());
    }
    return flushed;
  }

  /** Ends the output behind all that was sent. */
  CompletableFuture<Void> shutdownOutput() {
    CompletableFuture<Void> shut = new CompletableFuture<>();
    Object woken;
    lock.lock();
    try {
      if (outputEnded || closed) {
        shut.complete(null);
        return shut;
      }
      outputEnded = true;
      woken = takeWriter();
    } finally {
      lock.unlock();
    }
    Waiting.wake(woken);
    flush()
        .whenComplete(
            (flushed, failed) -> {
              if (failed != null) {
                shut.completeExceptionally(failed);
              } else {
                ((DuplexChannel) context.channel())
                    .shutdownOutput()
                    .addListener(done -> end(done, shut));
              }
            });
    return shut;
  }

  private void end(io.netty.util.concurrent.Future<?> done, CompletableFuture<Void> future) {
    if (done.isSuccess()) {
      future.complete(null);
    } else {
      Throwable cause;
      lock.lock();
      try {
        cause = failure != null ? failure : done.cause();
      } finally {
        lock.unlock();
      }
      future.completeExceptionally(IoFailure.of("send", remote(), cause));
    }
  }

  // ---- the end ----

  /** Whoever waits is woken; what was sent goes out in the background. */
  void close() {
    close(this::beginEnd);
  }

  private boolean close(Runnable end) {
    Object wokenReader;
    Object wokenWriter;
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      closed = true;
      inbound.release();
      wokenReader = reader;
      wokenWriter = writer;
    } finally {
      lock.unlock();
    }
    wakeFromAnyThread(wokenReader);
    wakeFromAnyThread(wokenWriter);
    carrier.flushLater(end); // if not, the loop has ended, and with it the connection
    return true;
  }

  /** What depends on a future runs on the loop, as long as there is one. */
  private void wakeFromAnyThread(Object waiter) {
    if (!(waiter instanceof AsyncWait wait) || !carrier.flushLater(wait)) {
      Waiting.wake(waiter);
    }
  }

  private void beginEnd() {
    run();
    resumeReading();
    Channel channel = context.channel();
    if (!channel.isOpen()) {
      return;
    }
    ChannelFuture sent = context.writeAndFlush(Unpooled.EMPTY_BUFFER);
    if (!sent.isDone() || draining) {
      var late =
          channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
      channel.closeFuture().addListener(gone -> late.cancel(false));
    }
    sent.addListener(
        done -> {
          isSent = true;
          allSent();
        });
  }

  /**
   * Closing with bytes unread resets the connection, and the reset overtakes what is on its way. A
   * stream that was told to end cannot know that its peer has sent its last byte: it waits for it.
   */
  private void allSent() {
    Channel channel = context.channel();
    if (!draining || ((DuplexChannel) channel).isInputShutdown()) {
      channel.close();
    } else if (!((DuplexChannel) channel).isOutputShutdown()) {
      ((DuplexChannel) channel).shutdownOutput();
    }
  }

  /** Ends the connection at once; what was not sent is lost, and the peer sees a reset. */
  void abort() {
    lock.lock();
    try {
      outbound.release();
    } finally {
      lock.unlock();
    }
    if (!close(this::reset)) {
      carrier.flushLater(this::reset); // it still sends what it had when it was closed
    }
  }

  private void reset() {
    Channel channel = context.channel();
    if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      channel.close();
    }
  }

  /** Another number whenever bytes came in or were given to the channel. */
  long moves() {
    lock.lock();
    try {
      return moves;
    } finally {
      lock.unlock();
    }
  }

  boolean isOpen() {
    lock.lock();
    try {
      return !closed;
    } finally {
      lock.unlock();
    }
  }

  Channel channel() {
    return context.channel();
  }

  Carrier carrier() {
    return carrier;
  }

  private SocketAddress remote() {
    return context.channel().remoteAddress();
  }
}
