package dev.headrace.internal.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoOps;

/**
 * Keeps a descriptor in the epoll set while its channel waits for nothing, edge-triggered so that a
 * hang-up is not told of for ever. Netty 4.2.18 takes it out and then fails to put it back, with
 * ENOENT: a half-closed connection that has to wait for room to send would lose the rest.
 *
 * @param handler Netty's
 */
record EpollStaysRegistered(IoHandler handler) implements IoHandler {

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    return new Registration(handler.register(handle));
  }

  @Override
  public int run(IoHandlerContext context) {
    return handler.run(context);
  }

  @Override
  public void initialize() {
    handler.initialize();
  }

  @Override
  public void prepareToDestroy() {
    handler.prepareToDestroy();
  }

  @Override
  public void destroy() {
    handler.destroy();
  }

  @Override
  public void wakeup() {
    handler.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return handler.isCompatible(handleType);
  }

  private record Registration(IoRegistration registration) implements IoRegistration {
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
}
