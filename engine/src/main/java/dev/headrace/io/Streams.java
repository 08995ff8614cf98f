package dev.headrace.io;

public final class Streams {
  private Streams() {}

  public static long copy(ByteSource source, ByteSink sink) throws java.io.IOException {
    long total = 0;
    for (io.netty.buffer.ByteBuf b = source.receive(); b != null; b = source.receive()) {
      int n = b.readableBytes();
      try {
        sink.send(b);
      } catch (Throwable e) {
        source.unread(b);
        throw e;
      }
      total += n;
    }
    return total;
  }
}
