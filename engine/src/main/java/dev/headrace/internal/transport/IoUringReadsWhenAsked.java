package dev.headrace.internal.transport;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;

/**
 * Between the ring and a channel: a multishot receive or accept that the kernel ended for want of
 * buffers or descriptors is begun again only if reading is still wanted. Netty 4.2.18 begins it
 * again at once, whatever auto-read says: a listener out of descriptors would spin, and a loop
 * whose pool runs short would read on past the bound. An operation that was cancelled it begins
 * again when it was asked to, so that is what it is told of.
 *
 * @param handle the channel's
 */
@SuppressWarnings("try") // its close() throws what Netty's does
record IoUringReadsWhenAsked(IoUringIoHandle handle) implements IoUringIoHandle {
  // linux/io_uring.h
  private static final byte IORING_OP_ACCEPT = 13;
  private static final byte IORING_OP_RECV = 27;
  private static final int IORING_CQE_F_MORE = 1 << 1;

  private static final int EAGAIN = 11;
  private static final int ENOBUFS = 105;
  private static final int ECANCELED = 125;

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    IoUringIoEvent completion = (IoUringIoEvent) event;
    int result = completion.res();
    if (result >= 0) {
      handle.handle(registration, event);
    } else if (completion.opcode() == IORING_OP_RECV && result == -ENOBUFS) {
      handle.handle(registration, cancelled(completion));
    } else if (completion.opcode() == IORING_OP_ACCEPT
        && result != -EAGAIN
        && result != -ECANCELED) {
      IoUringIoEvent cancelled = cancelled(completion); // a copy, before the event is reused
      handle.handle(
          registration,
          new IoUringIoEvent(
              result,
              completion.flags() | IORING_CQE_F_MORE,
              completion.opcode(),
              completion.userData()));
      handle.handle(registration, cancelled);
    } else {
      handle.handle(registration, event);
    }
  }

  private static IoUringIoEvent cancelled(IoUringIoEvent completion) {
    return new IoUringIoEvent(-ECANCELED, 0, completion.opcode(), completion.userData());
  }

  @Override
  public void registered() {
    handle.registered();
  }

  @Override
  public void unregistered() {
    handle.unregistered();
  }

  @Override
  public void close() throws Exception {
    handle.close();
  }
}
