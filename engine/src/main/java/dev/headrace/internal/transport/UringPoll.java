package dev.headrace.internal.transport;

import io.netty.channel.IoOps;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoOps;
import java.util.function.ToLongFunction;

/**
 * Waits for a socket beside its channel, once each time it is asked to. Confined to the loop.
 *
 * <p>The kernel tells every poll of a hang-up as well, and again at once of one that was there
 * before: whoever waits for room at a peer that has ended its side would spin. So a poll for room
 * is multishot, and says nothing until there is some.
 */
final class UringPoll {
  // linux/io_uring.h
  static final byte IORING_OP_POLL_ADD = 6;
  static final byte IORING_OP_ASYNC_CANCEL = 14;
  private static final int IORING_POLL_ADD_MULTI = 1;
  private static final int IORING_CQE_F_MORE = 1 << 1;

  // asm-generic/poll.h
  static final int POLLIN = 0x1;
  static final int POLLOUT = 0x4;
  static final int POLLRDHUP = 0x2000;
  private static final int POLLERR = 0x8;
  private static final int POLLHUP = 0x10;

  /** Marks what is ours, beyond the 16 bits that Netty marks its own with. */
  private static final long OURS = 1L << 40;

  private static final int KIND_BITS = 2;

  private final ToLongFunction<IoOps> ring;
  private final int kind;
  private final int events;
  private long serial;
  private long id; // of the submission, or 0
  private Runnable action;

  /**
   * Submits nothing yet.
   *
   * @param ring submits
   * @param kind tells a socket's polls from one another: 1 to 3
   * @param events what to wait for; an error is waited for as well
   */
  UringPoll(ToLongFunction<IoOps> ring, int kind, int events) {
    this.ring = ring;
    this.kind = kind;
    this.events = events;
  }

  /** Whether a completion is of a poll of ours, or of its cancel. */
  static boolean isOurs(IoUringIoEvent completion) {
    return completion.userData() >= OURS; // Netty's marks may be negative
  }

  /** Which of a socket's polls a completion is of. */
  static int kind(IoUringIoEvent completion) {
    return (int) completion.userData() & (1 << KIND_BITS) - 1;
  }

  /** Cancels a submission; how that went comes as a completion of kind 0. */
  static void cancel(ToLongFunction<IoOps> ring, long id) {
    ring.applyAsLong(ops(IORING_OP_ASYNC_CANCEL, -1, id, 0, 0, OURS));
  }

  /** Whether what it tells is what was asked for. */
  static boolean holds(int result, int events) {
    return result < 0 || (result & (events | POLLERR | POLLHUP)) != 0;
  }

  /** Waits; the action runs once, not before this method returns. */
  void await(int fd, Runnable action) {
    this.action = action;
    if (id == 0) {
      serial++;
      int shots = (events & POLLRDHUP) == 0 ? IORING_POLL_ADD_MULTI : 0;
      id = ring.applyAsLong(ops(IORING_OP_POLL_ADD, fd, 0, shots, events, data()));
    }
  }

  private long data() {
    return OURS | serial << KIND_BITS | kind;
  }

  /** Takes a completion of its kind. */
  void completed(int fd, IoUringIoEvent completion) {
    if (id == 0 || completion.userData() != data()) {
      return; // of one that was forgotten
    }
    Runnable awaiting = action;
    if ((completion.flags() & IORING_CQE_F_MORE) == 0) {
      id = 0;
    }
    if (holds(completion.res(), events)) {
      forget();
      awaiting.run();
    } else {
      await(fd, awaiting);
    }
  }

  /** Waits no more, and runs the action if it was waited for. */
  void hurry() {
    Runnable awaiting = action;
    forget();
    if (awaiting != null) {
      awaiting.run();
    }
  }

  /** Waits no more. */
  void forget() {
    action = null;
    if (id != 0) {
      cancel(ring, id);
      id = 0;
    }
  }

  private static IoUringIoOps ops(
      byte opcode, int fd, long address, int length, int events, long data) {
    return new IoUringIoOps(
        opcode, (byte) 0, (short) 0, fd, 0, address, length, events, data, (short) 0, (short) 0, 0,
        0L);
  }
}
