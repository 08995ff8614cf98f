package dev.headrace.service;

import dev.headrace.io.ByteSource;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
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
   * The next request, whose body has been read. One that cannot be understood says so by its
   * decoder result; that one, and one whose client {@linkplain #isWaiting waits}, comes without its
   * body and is the last.
   *
   * @return null at the end
   * @throws BodyTooLargeException at once where the request declares such a body
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
          if (HttpUtil.getContentLength(begun, 0L) > MOST_BODY_BYTES) {
            throw new BodyTooLargeException();
          }
          if (isWaiting(begun)) {
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

  /**
   * Whether the client waits for leave to send the body: that is refused, and costs nobody a body.
   * Who speaks HTTP/1.0 knows of no such thing, and sends it unasked.
   */
  static boolean isWaiting(HttpRequest request) {
    return request.protocolVersion().isKeepAliveDefault()
        && request.headers().contains(HttpHeaderNames.EXPECT)
        && (HttpUtil.isTransferEncodingChunked(request)
            || HttpUtil.getContentLength(request, 0L) > 0);
  }

  private Object part() throws IOException {
    while (parts.isEmpty()) {
      ByteBuf bytes = source.receive();
      if (bytes == null) {
        return null;
      }
      decode(bytes);
    }
    return parts.poll();
  }

  /**
   * Decodes what came, and copies what cannot be decoded yet: however small the pieces are that a
   * client sends, none of them keeps a buffer of the pool. The decoder's limits for lines and
   * headers bound the copy.
   */
  private void decode(ByteBuf bytes) throws IOException {
    List<Object> decoded = new ArrayList<>(2);
    try {
      if (left == null) {
        decoder.decode(bytes, decoded);
        if (bytes.isReadable()) {
          left = Unpooled.buffer(bytes.readableBytes()).writeBytes(bytes);
        }
      } else {
        left.discardReadBytes().writeBytes(bytes); // no part that shares it is left by now
        decoder.decode(left, decoded);
        if (!left.isReadable()) {
          left.release();
          left = null;
        }
      }
    } catch (Exception e) {
      throw new IOException("the request cannot be decoded", e);
    } finally {
      bytes.release();
      parts.addAll(decoded);
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
