package dev.headrace.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.headrace.fixture.LeakDetector;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.util.List;

/** Buffers that the leak detector watches. */
final class Buffers {
  private Buffers() {}

  static ByteBuf of(byte... bytes) {
    return ByteBufAllocator.DEFAULT.buffer(Math.max(1, bytes.length)).writeBytes(bytes);
  }

  static ByteBuf of(String text) {
    return ByteBufUtil.writeUtf8(ByteBufAllocator.DEFAULT, text);
  }

  /** What it holds; releases it. */
  static byte[] bytes(ByteBuf buffer) {
    try {
      return ByteBufUtil.getBytes(buffer);
    } finally {
      buffer.release();
    }
  }

  static void assertNoneLeaked() {
    assertEquals(List.of(), LeakDetector.takeLeaks(), "leaked");
  }
}
