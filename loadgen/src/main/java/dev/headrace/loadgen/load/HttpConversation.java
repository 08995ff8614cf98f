package dev.headrace.loadgen.load;

import dev.headrace.IoFailure;
import dev.headrace.loadgen.measure.ErrorCounts;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * One connection that gets the same path again and again. A request is answered when the last byte
 * of its body is there. Confined to its loop.
 */
final class HttpConversation extends ChannelInboundHandlerAdapter implements Conversation {
  private static final int MAX_LINE_BYTES = 16 << 10;
  private static final int MAX_HEADERS_BYTES = 64 << 10;
  private static final int MAX_CHUNK_BYTES = 64 << 10;

  private final ConnectionLane lane;
  private final Site site;
  private final InFlight requests;
  private final ByteBuf request;

  private ChannelHandlerContext context;
  private HttpResponse answer;
  private long bodyBytes;
  private long flushed;
  private long nowNanos;
  private boolean broken;

  HttpConversation(ConnectionLane lane, Site site, String host, String path, int depth) {
    this.lane = lane;
    this.site = site;
    requests = new InFlight(site, depth);
    byte[] text =
        ("GET " + path + " HTTP/1.1\r\nhost: " + host + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    request = Unpooled.wrappedBuffer(ByteBuffer.allocateDirect(text.length).put(text).flip());
  }

  @Override
  public ChannelHandler handler() {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel channel) {
        HttpDecoderConfig limits =
            new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_LINE_BYTES)
                .setMaxHeaderSize(MAX_HEADERS_BYTES)
                .setMaxChunkSize(MAX_CHUNK_BYTES);
        channel.pipeline().addLast(new HttpResponseDecoder(limits)).addLast(HttpConversation.this);
      }
    };
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  @Override
  public boolean hasRoom() {
    return !broken && requests.hasRoom();
  }

  @Override
  public int inFlight() {
    return requests.count();
  }

  @Override
  public void send(long intended, long now) {
    requests.add(intended, now);
    context.write(request.retainedDuplicate(), context.voidPromise());
  }

  @Override
  public void flush() {
    if (flushed != requests.sent()) {
      flushed = requests.sent();
      context.flush();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext unused, Object message) {
    if (!broken) {
      take((HttpObject) message);
    }
    ReferenceCountUtil.release(message);
  }

  private void take(HttpObject part) {
    if (part.decoderResult().isFailure()) {
      fail(kindOf(part.decoderResult().cause()));
      return;
    }
    if (part instanceof HttpResponse response) {
      if (requests.answered() == flushed) {
        fail(ErrorCounts.EXCESS);
        return;
      }
      answer = response;
      bodyBytes = 0;
    }
    if (part instanceof HttpContent content) {
      bodyBytes += content.content().readableBytes();
      if (part instanceof LastHttpContent) {
        answered();
      }
    }
  }

  private String kindOf(Throwable cause) {
    if (cause instanceof PrematureChannelClosureException) {
      return ErrorCounts.CLOSED;
    }
    return requests.answered() == flushed ? ErrorCounts.EXCESS : ErrorCounts.MALFORMED;
  }

  private void answered() {
    if (answer.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
      return; // the answer itself is still to come
    }
    nowNanos = nowNanos == 0 ? System.nanoTime() : nowNanos;
    if (answer.status().codeClass() == HttpStatusClass.SUCCESS) {
      requests.remove(nowNanos, bodyBytes);
    } else {
      requests.drop();
      site.errors().add("http_" + answer.status().code(), 1);
    }
    if (isLast(answer)) {
      broken = true;
      lane.finished(inFlight());
      context.close();
    } else {
      lane.refill(nowNanos);
    }
  }

  /** Whether the target closes the connection after this answer, or ends its body by doing so. */
  private static boolean isLast(HttpResponse answer) {
    if (!HttpUtil.isKeepAlive(answer)) {
      return true;
    }
    int code = answer.status().code();
    boolean hasBody = code != 204 && code != 304;
    return hasBody
        && !HttpUtil.isContentLengthSet(answer)
        && !HttpUtil.isTransferEncodingChunked(answer);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext unused) {
    if (nowNanos != 0) {
      long now = nowNanos;
      nowNanos = 0;
      if (!broken) {
        lane.answersCame(now);
        flush();
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext unused) {
    fail(ErrorCounts.CLOSED);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext unused, Throwable cause) {
    fail(IoFailure.kindOf(cause));
  }

  private void fail(String kind) {
    if (!broken) {
      broken = true;
      lane.broken(kind, inFlight());
      context.close();
    }
  }

  @Override
  public void close() {
    broken = true;
    context.close();
  }
}
