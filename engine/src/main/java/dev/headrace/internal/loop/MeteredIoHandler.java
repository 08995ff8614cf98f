package dev.headrace.internal.loop;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;

/**
 * Passes everything to the transport's handler, and meters each turn of the loop. Netty measures
 * its active time only when the context asks for it, so this one hands in a context that does.
 */
final class MeteredIoHandler implements IoHandler {
  private final IoHandler handler;
  private final LoopMeter meter;
  private final MeteringContext metering = new MeteringContext();
  private boolean prepared;

  MeteredIoHandler(IoHandler handler, LoopMeter meter) {
    this.handler = handler;
    this.meter = meter;
  }

  @Override
  public int run(IoHandlerContext context) {
    meter.pollBegins(System.nanoTime());
    metering.loop = context;
    metering.activeNanos = 0;
    int handled = handler.run(metering);
    meter.pollEnded(handled, metering.activeNanos, System.nanoTime());
    return handled;
  }

  @Override
  public void initialize() {
    handler.initialize();
  }

  @Override
  public void prepareToDestroy() {
    prepared = true;
    handler.prepareToDestroy();
  }

  /**
   * Netty 4.2.18's loop leaves the preparation out, and with it whatever is still registered, when
   * it is told to end between its look for that and the end of its turn.
   */
  @Override
  public void destroy() {
    if (!prepared) {
      prepareToDestroy();
    }
    handler.destroy();
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    return handler.register(handle);
  }

  @Override
  public void wakeup() {
    handler.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return handler.isCompatible(handleType);
  }

  private static final class MeteringContext implements IoHandlerContext {
    private IoHandlerContext loop;
    private long activeNanos;

    @Override
    public boolean canBlock() {
      return loop.canBlock();
    }

    @Override
    public long delayNanos(long currentTimeNanos) {
      return loop.delayNanos(currentTimeNanos);
    }

    @Override
    public long deadlineNanos() {
      return loop.deadlineNanos();
    }

    @Override
    public boolean shouldReportActiveIoTime() {
      return true;
    }

    @Override
    public void reportActiveIoTime(long nanos) {
      activeNanos += nanos;
    }
  }
}
