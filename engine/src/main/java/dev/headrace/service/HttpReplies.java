package dev.headrace.service;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.concurrent.TimeUnit;

/**
 * Answers as bytes. The date is written once a second, when somebody asks, and the whole answer
 * that must be fast with it: sending it costs a view of those bytes. Confined to its loop.
 */
final class HttpReplies {
  private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final int CHUNK_BYTES = 64 << 10;
  private static final String HELLO = "Hello, World!\n";

  /** What {@code /bytes/N} sends, over and over; never released, all loops share it. */
  private static final ByteBuf CHUNK = Unpooled.unreleasableBuffer(direct(chunk()).asReadOnly());

  private long madeNanos = System.nanoTime() - REFRESH_NANOS;
  private String date;
  private ByteBuf hello;

  private static byte[] chunk() {
    byte[] chunk = new byte[CHUNK_BYTES];
    for (int i = 0; i < chunk.length; i++) {
      chunk[i] = (byte) (i % 64 == 63 ? '\n' : 'a' + i % 26);
    }
    return chunk;
  }

  /** Not from a pool: it lives as long as anything may still send from it. */
  private static ByteBuf direct(byte[] bytes) {
    return Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
  }

  /** Makes the date again if it is a second old; to be called before the first of some answers. */
  void refresh(long nowNanos) {
    if (nowNanos - madeNanos >= REFRESH_NANOS) {
      madeNanos = nowNanos;
      date = DateFormatter.format(new Date());
      hello = direct(text(HttpReply.HELLO).getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** Writes an answer, and does not flush it. */
  void write(ChannelHandlerContext context, HttpReply reply) {
    if (reply == HttpReply.HELLO) {
      context.write(hello.retainedDuplicate(), context.voidPromise());
      return;
    }
    String text = text(reply);
    ByteBuf buffer = context.alloc().ioBuffer(text.length());
    ByteBufUtil.writeAscii(buffer, text);
    context.write(buffer, context.voidPromise());
    if (reply.head()) {
      return;
    }
    for (int left = reply.bodyBytes(); left > 0; left -= CHUNK_BYTES) {
      context.write(CHUNK.slice(0, Math.min(left, CHUNK_BYTES)), context.voidPromise());
    }
  }

  /** The head of an answer, and its body where that is text. */
  private String text(HttpReply reply) {
    HttpResponseStatus status = reply.status();
    boolean isText = reply.bodyBytes() == HttpReply.TEXT;
    String body =
        !isText ? "" : status.equals(HttpResponseStatus.OK) ? HELLO : status.toString() + '\n';
    return HttpHead.of(
            status,
            date,
            reply.ending(),
            "content-type",
            isText ? "text/plain" : "application/octet-stream",
            "content-length",
            String.valueOf(isText ? body.length() : reply.bodyBytes()))
        + (reply.head() ? "" : body);
  }
}
