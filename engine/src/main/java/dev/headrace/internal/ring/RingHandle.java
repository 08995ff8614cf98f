package dev.headrace.internal.ring;

import io.netty.channel.uring.IoUringIoHandle;

/** A handle of the engine's own on a ring: Netty's channels have others. */
public interface RingHandle extends IoUringIoHandle {
  @Override
  void close(); // throws nothing, unlike Netty's
}
