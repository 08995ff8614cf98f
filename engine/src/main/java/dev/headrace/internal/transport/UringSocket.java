package dev.headrace.internal.transport;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoOps;

/**
 * Between the ring and a channel.
 *
 * <p>A multishot receive or accept that the kernel ended by itself, for want of buffers or
 * descriptors most of all, is begun again only if reading is still wanted. Netty 4.2.18 begins it
 * again at once, whatever auto-read says: a listener out of descriptors would spin, and a loop
 * whose pool runs short would read on past the bound. An operation that was cancelled it begins
 * again when it was asked to, so that is what it is told of.
 *
 * <p>And somebody else may read and write the socket: the ring polls it for them, one shot at a
 * time, which is level-triggered.
 */
@SuppressWarnings("try") // its close() throws what Netty's does
final class UringSocket implements IoUringIoHandle, IoRegistration, DirectSocket {
  // linux/io_uring.h
  private static final byte IORING_OP_POLL_ADD = 6;
  private static final byte IORING_OP_ACCEPT = 13;
  private static final byte IORING_OP_ASYNC_CANCEL = 14;
  private static final byte IORING_OP_RECV = 27;
  private static final int IORING_CQE_F_BUFFER = 1;
  private static final int IORING_CQE_F_MORE = 1 << 1;

  // asm-generic/poll.h
  private static final int POLLIN = 0x1;
  private static final int POLLOUT = 0x4;
  private static final int POLLRDHUP = 0x2000;

  private static final int EAGAIN = 11;
  private static final int EPIPE = 32;
  private static final int ECONNRESET = 104;
  private static final int ENOBUFS = 105;
  private static final int ECANCELED = 125;

  // What tells our submissions from Netty's, which marks its polls with the events they wait for;
  // within 16 bits, which take the fast path.
  private static final long OUR_READ = 0x4801;
  private static final long OUR_WRITE = 0x4802;
  private static final long OUR_CANCEL = 0x4803;

  private final IoUringIoHandle handle;
  private final DirectSockets sockets;
  private IoRegistration registration;
  private Channel channel;
  private long receive; // the receive that is under way, or 0
  private boolean cancels; // Netty has cancelled it, which it does once
  private boolean isReset;
  private Taken taken;

  /** What is only there while somebody else reads or writes the socket. */
  private static final class Taken {
    private Runnable quiet;
    private Runnable readable;
    private Runnable writable;
    private long readPoll;
    private long writePoll;
    private IoUringIoEvent hangUp;
  }

  UringSocket(IoUringIoHandle handle, DirectSockets sockets) {
    this.handle = handle;
    this.sockets = sockets;
  }

  /** What the channel submits through. */
  UringSocket registered(IoRegistration as) {
    registration = as;
    return this;
  }

  @Override
  public long submit(IoOps ops) {
    long id = registration.submit(ops);
    byte operation = operation(id);
    if (operation == IORING_OP_RECV) {
      receive = id;
      cancels = false;
    } else if (operation == IORING_OP_ASYNC_CANCEL) {
      cancels = true;
    }
    return id;
  }

  /** What Netty's identifiers say; none where they are negative, which no receive's is. */
  private static byte operation(long id) {
    return id < 0 ? 0 : (byte) (id >>> Short.SIZE);
  }

  @Override
  public void handle(IoRegistration ignored, IoEvent event) {
    IoUringIoEvent completion = (IoUringIoEvent) event;
    byte opcode = completion.opcode();
    if (opcode == IORING_OP_RECV) {
      received(completion);
    } else if (opcode == IORING_OP_POLL_ADD && taken != null) {
      polled(completion);
    } else if (opcode == IORING_OP_POLL_ADD && isOurs(completion.userData())) {
      return; // of a poll that nobody waits for any more
    } else if (opcode == IORING_OP_ASYNC_CANCEL && completion.userData() == OUR_CANCEL) {
      return;
    } else if (opcode == IORING_OP_ACCEPT
        && completion.res() < 0
        && completion.res() != -EAGAIN
        && completion.res() != -ECANCELED) {
      endedByItself(completion);
    } else {
      isReset |= completion.res() == -ECONNRESET || completion.res() == -EPIPE;
      handle.handle(this, completion);
    }
  }

  private void received(IoUringIoEvent completion) {
    boolean more = (completion.flags() & IORING_CQE_F_MORE) != 0;
    int result = completion.res();
    if (more) {
      boolean goesOn = cancels;
      handle.handle(this, completion);
      if (goesOn && receive != 0) { // a cancel finds nothing while the kernel is receiving
        submit(ops(IORING_OP_ASYNC_CANCEL, -1, receive, 0, OUR_CANCEL));
      }
      return;
    }
    receive = 0;
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

  /**
   * The kernel tells of a reset once. Where a send has heard of it, what a receive finds looks like
   * a clean end.
   */
  private IoUringIoEvent asTold(IoUringIoEvent completion) {
    if (completion.res() == -ENOBUFS) {
      return cancelled(completion);
    }
    return completion.res() == 0 && isReset
        ? new IoUringIoEvent(-ECONNRESET, 0, completion.opcode(), completion.userData())
        : completion;
  }

  /**
   * In the middle of a read loop, which a hang-up makes endless, Netty 4.2.18 forgets that reading
   * was asked for again while the receive that was cancelled before had not ended yet, and does not
   * tell that this turn's reading is over. Where a receive is under way reading does nothing.
   */
  private void readOn() {
    if (receive == 0 && channel != null && channel.isOpen()) {
      channel.pipeline().fireChannelReadComplete();
    }
  }

  /** Tells Netty of the result, and then of a cancel. */
  private void endedByItself(IoUringIoEvent completion) {
    IoUringIoEvent cancelled = cancelled(completion); // a copy, before the event is reused
    handle.handle(
        this,
        new IoUringIoEvent(
            completion.res(),
            completion.flags() | IORING_CQE_F_MORE,
            completion.opcode(),
            completion.userData()));
    handle.handle(this, cancelled);
  }

  private static IoUringIoEvent cancelled(IoUringIoEvent completion) {
    return new IoUringIoEvent(-ECANCELED, 0, completion.opcode(), completion.userData());
  }

  private static boolean isOurs(long data) {
    return data == OUR_READ || data == OUR_WRITE;
  }

  private void polled(IoUringIoEvent completion) {
    long data = completion.userData();
    if (data == OUR_READ) {
      taken.readPoll = 0;
      if (taken.readable != null && completion.res() != -ECANCELED) {
        taken.readable.run();
      }
    } else if (data == OUR_WRITE) {
      taken.writePoll = 0;
      Runnable writable = taken.writable;
      taken.writable = null;
      if (writable != null) {
        writable.run();
      }
    } else if (taken.readable != null
        && completion.res() >= 0
        && (completion.res() & POLLRDHUP) != 0) {
      // Netty would begin to read at once: the bytes before the end are somebody else's still.
      taken.hangUp =
          new IoUringIoEvent(
              completion.res(), completion.flags(), completion.opcode(), completion.userData());
    } else {
      handle.handle(this, completion);
    }
  }

  private Taken taken() {
    if (taken == null) {
      taken = new Taken();
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
    if (taken.readPoll == 0) {
      taken.readPoll = poll(POLLIN | POLLRDHUP, OUR_READ);
    }
  }

  @Override
  public void awaitWritable(Runnable writable) {
    taken().writable = writable;
    if (taken.writePoll == 0) {
      taken.writePoll = poll(POLLOUT, OUR_WRITE);
    }
  }

  @Override
  public void stopAwaitingWritable() {
    if (taken != null) {
      taken.writable = null;
      taken.writePoll = forget(taken.writePoll);
    }
  }

  @Override
  public void giveReadingBack() {
    if (taken == null) {
      return;
    }
    taken.quiet = null;
    taken.readable = null;
    taken.readPoll = forget(taken.readPoll);
    IoUringIoEvent hangUp = taken.hangUp;
    taken.hangUp = null;
    if (hangUp != null) {
      handle.handle(this, channel.isOpen() ? hangUp : cancelled(hangUp));
    }
  }

  @Override
  public void of(Channel own) {
    channel = own;
  }

  private long poll(int events, long data) {
    return submit(ops(IORING_OP_POLL_ADD, descriptor(), 0, events, data));
  }

  private long forget(long poll) {
    if (poll != 0) {
      submit(ops(IORING_OP_ASYNC_CANCEL, -1, poll, 0, OUR_CANCEL));
    }
    return 0;
  }

  private static IoUringIoOps ops(byte opcode, int fd, long address, int events, long data) {
    return new IoUringIoOps(
        opcode, (byte) 0, (short) 0, fd, 0, address, 0, events, data, (short) 0, (short) 0, 0, 0L);
  }

  @Override
  public <T> T attachment() {
    return registration.attachment();
  }

  @Override
  public boolean isValid() {
    return registration.isValid();
  }

  @Override
  public boolean cancel() {
    return registration.cancel();
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
