package dev.headrace.service;

import dev.headrace.io.ByteSource;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Reads requests one after the other, in blocking style; their bodies are read and forgotten. */
final class HttpRequestReader implements AutoCloseable {
  private static final int MOST_BODY_BYTES = 1 << 20;

  private final ByteSource source;
  private final HttpRequests decoder = new HttpRequests();
  private final ArrayDeque<Object> parts = new ArrayDeque<>(2);
  private ByteBuf left; // what came and is not decoded; null where that is nothing

  HttpRequestReader(ByteSource source) {
    this.source = source;
  }

  /** A request whose body is longer than anyone would read. */
  static final class BodyTooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    BodyTooLargeException() {
      super("the body of a request is longer than " + MOST_BODY_BYTES + " bytes");
    }
  }

  /**
   * The next request, whose body has been read; one that cannot be understood says so by its
   * decoder result, and nothing follows it.
   *
   * @return null at the end
   */
  HttpRequest next() throws IOException {
    HttpRequest request = null;
    int body = 0;
    for (; ; ) {
      Object part = part();
      switch (part) {
        case null -> {
          return null;
        }
        case HttpRequest begun -> {
          request = begun;
          if (begun.decoderResult().isFailure()) {
            return begun;
          }
        }
        case HttpContent content -> {
          body += content.content().readableBytes();
          content.release();
          if (body > MOST_BODY_BYTES) {
            throw new BodyTooLargeException();
          }
          if (content.decoderResult().isFailure() && request != null) {
            request.setDecoderResult(content.decoderResult());
            return request;
          }
          if (content instanceof LastHttpContent) {
            return request;
          }
        }
        default -> ReferenceCountUtil.release(part);
      }
    }
  }

  private Object part() throws IOException {
    while (parts.isEmpty()) {
      ByteBuf bytes = source.receive();
      if (bytes == null) {
        return null;
      }
      decode(left == null ? bytes : joined(left, bytes));
    }
    return parts.poll();
  }

  private ByteBuf joined(ByteBuf first, ByteBuf second) {
    left = null;
    CompositeByteBuf both = Unpooled.compositeBuffer();
    return both.addComponents(true, first, second);
  }

  private void decode(ByteBuf bytes) throws IOException {
    List<Object> decoded = new ArrayList<>(2);
    try {
      decoder.decode(bytes, decoded);
    } catch (Exception e) {
      bytes.release();
      throw new IOException("the request cannot be decoded", e);
    }
    parts.addAll(decoded);
    if (bytes.isReadable()) {
      left = bytes;
    } else {
      bytes.release();
    }
  }

  @Override
  public void close() {
    parts.forEach(ReferenceCountUtil::release);
    if (left != null) {
      left.release();
    }
  }
}
