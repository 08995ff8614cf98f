package dev.headrace.internal.transport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;

/**
 * Netty's handler, but for how channels are registered with it: there a transport stands between
 * the two where Netty's state machine fails.
 *
 * @param handler Netty's
 * @param sockets of its loop, which are told of each turn
 * @param registering registers a channel's handle
 */
record RegisteringIoHandler(IoHandler handler, DirectSockets sockets, Registering registering)
    implements IoHandler {
  /** Registers a handle with a handler, and what comes between. */
  interface Registering {
    IoRegistration register(IoHandler handler, IoHandle handle) throws Exception;
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    return registering.register(handler, handle);
  }

  @Override
  public int run(IoHandlerContext context) {
    sockets.turnBegins();
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
}
