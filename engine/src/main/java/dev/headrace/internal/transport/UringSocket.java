package dev.headrace.internal.transport;

import static dev.headrace.internal.transport.UringPoll.IORING_OP_ASYNC_CANCEL;
import static dev.headrace.internal.transport.UringPoll.IORING_OP_POLL_ADD;
import static dev.headrace.internal.transport.UringPoll.POLLIN;
import static dev.headrace.internal.transport.UringPoll.POLLOUT;
import static dev.headrace.internal.transport.UringPoll.POLLRDHUP;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringSocketChannel;
import java.util.function.ToLongFunction;

/**
 * Between the ring and a channel.
 *
 * <p>A multishot receive or accept that the kernel ended by itself, for want of buffers or
 * descriptors most of all, is begun again only if reading is still wanted. Netty 4.2.18 begins it
 * again at once, whatever auto-read says: a listener out of descriptors would spin, and a loop
 * whose pool runs short would read on past the bound. An operation that was cancelled it begins
 * again when it was asked to, so that is what it is told of.
 *
 * <p>And somebody else may read and write the socket: the ring polls it for them, which is
 * level-triggered.
 */
@SuppressWarnings("try") // its close() throws what Netty's does
final class UringSocket implements IoUringIoHandle, IoRegistration, DirectSocket {
  // linux/io_uring.h
  private static final byte IORING_OP_ACCEPT = 13;
  private static final byte IORING_OP_RECV = 27;
  private static final int IORING_CQE_F_BUFFER = 1;
  private static final int IORING_CQE_F_MORE = 1 << 1;

  private static final int TCP_CLOSE = 7; // netinet/tcp.h

  private static final int EAGAIN = 11;
  private static final int EPIPE = 32;
  private static final int ECONNRESET = 104;
  private static final int ENOBUFS = 105;
  private static final int ECANCELED = 125;

  // The kinds of polls.
  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final int CHANNELS_WRITE = 3;

  private static final long NO_MARK = Long.MAX_VALUE; // Netty's have 16 bits

  private final IoUringIoHandle handle;
  private final DirectSockets sockets;
  private final Channel channel;
  private IoRegistration ring;
  private long receive; // the channel's, which is under way, or 0
  private boolean goesOn; // a cancel did not find it
  private boolean writing;
  private boolean noRoom;
  private boolean isReset;
  private long roomMark = NO_MARK; // of the channel's poll that waits for room
  private UringPoll channelsWrites;
  private Taken taken;

  /** What is only there once somebody else has read or written the socket. */
  private static final class Taken {
    private final UringPoll reads;
    private final UringPoll writes;
    private Runnable quiet;
    private Runnable readable;
    private IoUringIoEvent hangUp;

    Taken(ToLongFunction<IoOps> ring) {
      reads = new UringPoll(ring, READ, POLLIN | POLLRDHUP);
      writes = new UringPoll(ring, WRITE, POLLOUT);
    }
  }

  UringSocket(IoUringIoHandle handle, DirectSockets sockets) {
    this.handle = handle;
    this.sockets = sockets;
    // What Netty's channels register is their unsafe, which does not say otherwise whose it is.
    this.channel = ((Channel.Unsafe) handle).voidPromise().channel();
  }

  /** What the channel submits through. */
  UringSocket registered(IoRegistration as) {
    ring = as;
    return this;
  }

  @Override
  public long submit(IoOps ops) {
    long id = submitBeside(ops);
    switch (operation(id)) {
      case IORING_OP_RECV -> {
        receive = id;
        goesOn = false;
      }
      case IORING_OP_POLL_ADD -> roomMark = noRoom ? (short) id : roomMark;
      case IORING_OP_ASYNC_CANCEL -> {}
      default -> writing = true;
    }
    return id;
  }

  /** Submits what the channel knows nothing of. */
  private long submitBeside(IoOps ops) {
    sockets.ringCounts().submitted();
    return ring.submit(ops);
  }

  /** What Netty's identifiers say; none where they are negative, which only a write's may be. */
  private static byte operation(long id) {
    return id < 0 ? 0 : (byte) (id >>> Short.SIZE);
  }

  @Override
  public void handle(IoRegistration ignored, IoEvent event) {
    IoUringIoEvent completion = (IoUringIoEvent) event;
    if (UringPoll.isOurs(completion)) {
      ours(completion);
      return;
    }
    switch (completion.opcode()) {
      case IORING_OP_RECV -> received(completion);
      case IORING_OP_POLL_ADD -> polled(completion);
      case IORING_OP_ACCEPT -> accepted(completion);
      case IORING_OP_ASYNC_CANCEL -> {
        goesOn = completion.res() < 0;
        handle.handle(this, completion);
      }
      default -> written(completion);
    }
  }

  private void ours(IoUringIoEvent completion) {
    switch (UringPoll.kind(completion)) {
      case READ -> taken.reads.completed(descriptor(), completion);
      case WRITE -> taken.writes.completed(descriptor(), completion);
      case CHANNELS_WRITE -> channelsWrites.completed(descriptor(), completion);
      default -> goesOn |= completion.res() < 0; // a cancel
    }
  }

  private void accepted(IoUringIoEvent completion) {
    int result = completion.res();
    if (result < 0 && result != -EAGAIN && result != -ECANCELED) {
      endedByItself(completion);
    } else {
      handle.handle(this, completion);
    }
  }

  private void written(IoUringIoEvent completion) {
    writing = false;
    isReset |= completion.res() == -ECONNRESET || completion.res() == -EPIPE;
    noRoom = completion.res() == -EAGAIN;
    handle.handle(this, completion);
    noRoom = false;
  }

  private void received(IoUringIoEvent completion) {
    if ((completion.flags() & IORING_CQE_F_MORE) != 0) {
      boolean again = goesOn && !channel.config().isAutoRead();
      handle.handle(this, completion);
      if (again && receive != 0) { // Netty cancels once, and that found nothing to cancel
        goesOn = false;
        UringPoll.cancel(this::submitBeside, receive);
      }
      return;
    }
    receive = 0;
    int result = completion.res();
    if (result > 0 && (completion.flags() & IORING_CQE_F_BUFFER) != 0) {
      endedByItself(completion);
    } else {
      handle.handle(this, asTold(completion));
    }
    if (result > 0 || result == -ECANCELED || result == -ENOBUFS) {
      readOn();
    }
    if (receive == 0 && taken != null && taken.quiet != null) {
      Runnable quiet = taken.quiet;
      taken.quiet = null;
      quiet.run();
    }
  }

  private IoUringIoEvent asTold(IoUringIoEvent completion) {
    if (completion.res() == -ENOBUFS) {
      sockets.ringCounts().receivedWithoutBuffer();
      return cancelled(completion);
    }
    return completion.res() == 0 && isReset() ? with(completion, -ECONNRESET, 0) : completion;
  }

  /**
   * The kernel tells of a reset once. Where a send has heard of it, or is about to as its
   * completion comes later, what a receive finds looks like a clean end.
   */
  private boolean isReset() {
    return isReset
        || writing
            && channel instanceof IoUringSocketChannel tcp
            && tcp.isOpen()
            && tcp.tcpInfo().state() == TCP_CLOSE;
  }

  /**
   * In the middle of a read loop, which a hang-up makes endless, Netty 4.2.18 forgets that reading
   * was asked for again while the receive that was cancelled before had not ended yet, and does not
   * tell that this turn's reading is over. Where a receive is under way reading does nothing.
   */
  private void readOn() {
    if (receive == 0 && channel.isOpen()) {
      channel.pipeline().fireChannelReadComplete();
    }
  }

  /** Tells Netty of the result, and then of a cancel. */
  private void endedByItself(IoUringIoEvent completion) {
    IoUringIoEvent cancelled = cancelled(completion); // a copy, before the event is reused
    handle.handle(this, with(completion, completion.res(), completion.flags() | IORING_CQE_F_MORE));
    handle.handle(this, cancelled);
  }

  private static IoUringIoEvent cancelled(IoUringIoEvent completion) {
    return with(completion, -ECANCELED, 0);
  }

  private static IoUringIoEvent with(IoUringIoEvent completion, int result, int flags) {
    return new IoUringIoEvent(result, flags, completion.opcode(), completion.userData());
  }

  private void polled(IoUringIoEvent completion) {
    int result = completion.res();
    if (completion.userData() == roomMark
        && !UringPoll.holds(result, POLLOUT)
        && channel.isOpen()) {
      awaitRoom(with(completion, POLLOUT, 0));
    } else if (taken != null
        && taken.readable != null
        && result >= 0
        && (result & POLLRDHUP) != 0) {
      // Netty would begin to read at once: the bytes before the end are somebody else's still.
      taken.hangUp = with(completion, result, completion.flags());
    } else {
      handle.handle(this, completion);
    }
  }

  /** Netty 4.2.18 waits for ever where a poll for room tells of a hang-up first. */
  private void awaitRoom(IoUringIoEvent room) {
    if (channelsWrites == null) {
      channelsWrites = new UringPoll(this::submitBeside, CHANNELS_WRITE, POLLOUT);
      channel.closeFuture().addListener(closed -> channelsWrites.hurry());
    }
    channelsWrites.await(descriptor(), () -> handle.handle(this, room));
  }

  private Taken taken() {
    if (taken == null) {
      taken = new Taken(this::submitBeside);
    }
    return taken;
  }

  @Override
  public int descriptor() {
    return ((UnixChannel) channel).fd().intValue();
  }

  @Override
  public void whenQuiet(EventLoop loop, Runnable action) {
    if (!isQuiet()) {
      taken().quiet = action;
    } else {
      loop.execute(action);
    }
  }

  @Override
  public boolean isQuiet() {
    return receive == 0;
  }

  @Override
  public void takeReading(Runnable readable) {
    assert isQuiet() : "Netty still receives here: wait with whenQuiet";
    taken().readable = readable;
  }

  @Override
  public void awaitReadable(boolean drained) {
    taken.reads.await(descriptor(), taken.readable);
  }

  @Override
  public void awaitWritable(Runnable writable) {
    taken().writes.await(descriptor(), writable);
  }

  @Override
  public void stopAwaitingWritable() {
    if (taken != null) {
      taken.writes.forget();
    }
  }

  @Override
  public void giveReadingBack() {
    if (taken == null) {
      return;
    }
    taken.quiet = null;
    taken.readable = null;
    taken.reads.forget();
    IoUringIoEvent hangUp = taken.hangUp;
    taken.hangUp = null;
    if (hangUp != null) {
      handle.handle(this, channel.isOpen() ? hangUp : cancelled(hangUp));
    }
  }

  @Override
  public <T> T attachment() {
    return ring.attachment();
  }

  @Override
  public boolean isValid() {
    return ring.isValid();
  }

  @Override
  public boolean cancel() {
    return ring.cancel();
  }

  @Override
  public void registered() {
    sockets.add(handle, this);
    handle.registered();
  }

  @Override
  public void unregistered() {
    sockets.remove(handle);
    handle.unregistered();
  }

  @Override
  public void close() throws Exception {
    handle.close();
  }
}
