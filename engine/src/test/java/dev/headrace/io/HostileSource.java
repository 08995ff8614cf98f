package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntPredicate;

/** Gives its bytes in slices of any size, and is interrupted at the calls that the test names. */
final class HostileSource implements ByteSource {
  private final byte[] content;
  private final Random random;
  private final int maxSlice;
  private final IntPredicate interruptedAt;
  private final Front front = new Front();
  private int next;
  private int calls;
  private int interrupts;

  HostileSource(byte[] content, Random random, int maxSlice, IntPredicate interruptedAt) {
    this.content = content;
    this.random = random;
    this.maxSlice = maxSlice;
    this.interruptedAt = interruptedAt;
  }

  HostileSource(byte[] content, Random random) {
    this(content, random, 1 + random.nextInt(random.nextBoolean() ? 3 : 5000), call -> false);
  }

  static HostileSource byteByByte(byte... content) {
    return new HostileSource(content, new Random(0), 1, call -> false);
  }

  int interrupts() {
    return interrupts;
  }

  @Override
  public ByteBuf receive() throws IOException {
    Interrupts.check("receive");
    if (interruptedAt.test(calls++)) {
      interrupts++;
      throw new InterruptedIOException("by the test");
    }
    ByteBuf bytes = front.take();
    if (bytes != null) {
      return bytes;
    }
    int count = Math.min(content.length - next, 1 + random.nextInt(maxSlice));
    if (count == 0) {
      return null;
    }
    ByteBuf slice = Buffers.of(Arrays.copyOfRange(content, next, next + count));
    next += count;
    return slice;
  }

  /** All that is not read yet. */
  byte[] rest() throws IOException {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    for (ByteBuf bytes = front.take(); bytes != null; bytes = front.take()) {
      rest.write(Buffers.bytes(bytes));
    }
    rest.write(content, next, content.length - next);
    next = content.length;
    return rest.toByteArray();
  }

  @Override
  public void unread(ByteBuf bytes) {
    front.put(bytes);
  }

  @Override
  public boolean isOpen() {
    return front.isOpen();
  }

  @Override
  public void close() {
    front.close();
  }
}
