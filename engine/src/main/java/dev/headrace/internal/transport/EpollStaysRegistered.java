package dev.headrace.internal.transport;

import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoOps;

/**
 * Keeps a descriptor in the epoll set while its channel waits for nothing, edge-triggered so that a
 * hang-up is not told of for ever. Netty 4.2.18 takes it out and then fails to put it back, with
 * ENOENT: a half-closed connection that has to wait for room to send would lose the rest.
 *
 * @param registration Netty's
 */
record EpollStaysRegistered(IoRegistration registration) implements IoRegistration {
  @Override
  public long submit(IoOps ops) {
    return registration.submit(EpollIoOps.NONE.equals(ops) ? EpollIoOps.EPOLLET : ops);
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
}
