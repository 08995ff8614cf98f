package dev.headrace.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NumbersTest {
  @AfterEach
  void everyBufferIsReleased() {
    Buffers.assertNoneLeaked();
  }

  @Test
  void everyNumberComesBackInEitherOrder() throws IOException {
    for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      HostileSink bytes = new HostileSink();
      try (BufferedSink sink = new BufferedSink(bytes)) {
        sink.writeByte(-1);
        sink.writeShort(0x1234, order);
        sink.writeInt(0x12345678, order);
        sink.writeLong(0x123456789abcdef0L, order);
        sink.writeFloat(1.5f, order);
        sink.writeDouble(-2.25, order);
      }
      BufferedSource source = new BufferedSource(HostileSource.byteByByte(bytes.bytes()));
      assertEquals(-1, source.readByte());
      assertEquals(0x1234, source.readShort(order));
      assertEquals(0x12345678, source.readInt(order));
      assertEquals(0x123456789abcdef0L, source.readLong(order));
      assertEquals(1.5f, source.readFloat(order));
      assertEquals(-2.25, source.readDouble(order));
      assertEquals(27, source.position());
    }
  }

  @Test
  void bytesWithoutFramesComeAsTheyCome() throws IOException {
    HostileSink sink = new HostileSink();
    FrameWriter<ByteBuf> writer = new FrameWriter<>(sink, Codecs.bytes());
    writer.write(Buffers.of("ab"));
    writer.write(Buffers.of("c"));
    writer.flush();
    FrameReader<ByteBuf> reader = new FrameReader<>(Sources.of(sink.bytes()), Codecs.bytes());
    assertArrayEquals("abc".getBytes(), Buffers.bytes(reader.read()));
    assertEquals(null, reader.read());
  }
}
