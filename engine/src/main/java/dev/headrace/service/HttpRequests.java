package dev.headrace.service;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import java.util.List;

/** Netty's decoder of requests, which also knows whether one has begun. Confined to its loop. */
final class HttpRequests extends HttpRequestDecoder {
  /** Longer than any browser's, and small enough that a thousand hostile clients cost little. */
  private static final int MAX_LINE_BYTES = 8 << 10;

  private static final int MAX_HEADERS_BYTES = 16 << 10;

  private boolean begun;

  HttpRequests() {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_LINE_BYTES)
            .setMaxHeaderSize(MAX_HEADERS_BYTES));
  }

  @Override
  protected HttpMessage createMessage(String[] initialLine) throws Exception {
    begun = true;
    return super.createMessage(initialLine);
  }

  /**
   * Decodes outside of a pipeline, as far as the bytes go.
   *
   * @param bytes are consumed up to what more is needed for
   * @param parts what was decoded is added
   */
  void decode(ByteBuf bytes, List<Object> parts) throws Exception {
    int before;
    int count;
    do {
      before = bytes.readableBytes();
      count = parts.size();
      decode(null, bytes, parts); // which asks nothing of its context
    } while (bytes.isReadable() && (bytes.readableBytes() != before || parts.size() != count));
  }

  /** The request that had begun is complete. */
  void completed() {
    begun = false;
  }

  /** Whether bytes of a request have come that is not complete, or of further ones. */
  boolean isMidRequest() {
    return begun || actualReadableBytes() > 0;
  }
}
