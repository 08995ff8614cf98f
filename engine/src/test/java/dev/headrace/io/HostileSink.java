package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.util.function.IntPredicate;

/** Keeps what it is given, and is interrupted at the calls that the test names. */
final class HostileSink implements ByteSink {
  private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
  private final IntPredicate interruptedAt;
  private int calls;
  private int interrupts;
  private boolean ended;
  private boolean closed;

  HostileSink(IntPredicate interruptedAt) {
    this.interruptedAt = interruptedAt;
  }

  HostileSink() {
    this(call -> false);
  }

  private void step() throws IOException {
    Interrupts.check("send");
    if (ended || closed) {
      throw new ClosedChannelException();
    }
    if (interruptedAt.test(calls++)) {
      interrupts++;
      throw new InterruptedIOException("by the test");
    }
  }

  int interrupts() {
    return interrupts;
  }

  boolean ended() {
    return ended;
  }

  byte[] bytes() {
    return taken.toByteArray();
  }

  @Override
  public void send(ByteBuf bytes) throws IOException {
    step();
    taken.write(Buffers.bytes(bytes));
  }

  @Override
  public void flush() throws IOException {
    step();
  }

  @Override
  public void shutdownOutput() {
    ended = true;
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() {
    closed = true;
  }
}
