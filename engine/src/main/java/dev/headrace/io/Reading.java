package dev.headrace.io;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;

/** Reads a certain amount. What goes wrong leaves the bytes at the front of their source. */
final class Reading {
  private Reading() {}

  static void exact(ByteSource source, ByteBuffer target) throws IOException {
    int wanted = target.remaining();
    while (target.hasRemaining()) {
      if (source.read(target) < 0) {
        throw ended(wanted - target.remaining(), wanted);
      }
    }
  }

  static byte[] exact(ByteSource source, int sizeBytes) throws IOException {
    if (sizeBytes < 0) {
      throw new IllegalArgumentException("sizeBytes is " + sizeBytes + ", must be 0 or more");
    }
    byte[] bytes = new byte[sizeBytes];
    ByteBuffer target = ByteBuffer.wrap(bytes);
    try {
      exact(source, target);
      return bytes;
    } catch (Throwable e) {
      source.unread(Unpooled.wrappedBuffer(bytes, 0, target.position()));
      throw e;
    }
  }

  static EOFException ended(int count, int wanted) {
    return new EOFException("the source ended after " + count + " of " + wanted + " bytes");
  }

  static byte[] toEnd(ByteSource source, int limitBytes) throws IOException {
    if (limitBytes < 0) {
      throw new IllegalArgumentException("limitBytes is " + limitBytes + ", must be 0 or more");
    }
    Gathered gathered = new Gathered();
    try {
      for (ByteBuf more = source.receive(); more != null; more = source.receive()) {
        if (more.readableBytes() > limitBytes - gathered.size()) {
          source.unread(more);
          throw new TooLongException("a source", limitBytes);
        }
        gathered.append(more);
      }
    } catch (Throwable e) {
      ByteBuf all = gathered.take();
      if (all != null) {
        source.unread(all);
      }
      throw e;
    }
    byte[] all = ByteBufUtil.getBytes(gathered.bytes());
    gathered.release();
    return all;
  }

  static String toText(ByteSource source, int limitBytes, Charset charset) throws IOException {
    byte[] bytes = toEnd(source, limitBytes);
    try {
      return text(ByteBuffer.wrap(bytes), charset);
    } catch (CharacterCodingException e) {
      source.unread(Unpooled.wrappedBuffer(bytes));
      throw e;
    }
  }

  /** Decodes all of it; a malformed or unmappable byte is an error. */
  static String text(ByteBuffer bytes, Charset charset) throws CharacterCodingException {
    return charset.newDecoder().decode(bytes).toString();
  }

  static long skip(ByteSource source, long countBytes) throws IOException {
    if (countBytes < 0) {
      throw new IllegalArgumentException("countBytes is " + countBytes + ", must be 0 or more");
    }
    long skipped = 0;
    try {
      while (skipped < countBytes) {
        ByteBuf bytes = source.receive();
        if (bytes == null) {
          return skipped;
        }
        int count = (int) Math.min(bytes.readableBytes(), countBytes - skipped);
        skipped += count;
        if (count < bytes.readableBytes()) {
          source.unread(bytes.skipBytes(count));
        } else {
          bytes.release();
        }
      }
      return skipped;
    } catch (InterruptedIOException e) {
      e.bytesTransferred = (int) Math.min(Integer.MAX_VALUE, skipped);
      throw e;
    }
  }
}
