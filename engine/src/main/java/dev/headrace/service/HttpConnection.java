package dev.headrace.service;

import dev.headrace.Draining;
import dev.headrace.internal.loop.ReadGate;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * One client: its requests are answered in their order, one flush for all that came together.
 *
 * <p>When the client does not read, its requests are not read, and the answers to those that were
 * received already wait here as what they are, not as bytes. After the last answer the output is
 * shut down, and the connection closed when the client has ended as well: closing at once would
 * reset it, and the reset would overtake the answer.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {
  private static final int MOST_BODY_BYTES = 1 << 20;

  private final HttpLoop loop;
  private final HttpReplies replies;
  private final HttpRequests requests;
  private final Queue<HttpReply> waiting = new ArrayDeque<>(0);

  private ChannelHandlerContext context;
  private HttpReply reply;
  private int bodyBytes;
  private boolean answering;
  private boolean draining;
  private boolean inputEnded;
  private boolean finished;
  private long sinceNanos = System.nanoTime();
  private long roomBytes;

  HttpConnection(HttpLoop loop, HttpRequests requests) {
    this.loop = loop;
    this.replies = loop.replies();
    this.requests = requests;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    added.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    loop.add(this);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext removed) {
    loop.remove(this);
  }

  @Override
  public void channelRead(ChannelHandlerContext unused, Object message) {
    if (finished) {
      ReferenceCountUtil.release(message);
      return;
    }
    HttpObject part = (HttpObject) message;
    if (part.decoderResult().isFailure()) {
      ReferenceCountUtil.release(message);
      answer(HttpReply.toNonsense(part.decoderResult().cause()));
      return;
    }
    if (part instanceof HttpRequest request) {
      reply = HttpReply.to(request);
      bodyBytes = 0;
      if (reply.closes()) { // at once: a body may never come, and nobody would read it
        answer(reply);
        return;
      }
    }
    if (part == LastHttpContent.EMPTY_LAST_CONTENT) {
      answer(reply);
    } else if (part instanceof HttpContent content) {
      body(content);
    }
  }

  /** Bodies are read and forgotten, up to a limit. */
  private void body(HttpContent content) {
    bodyBytes += content.content().readableBytes();
    content.release();
    if (bodyBytes > MOST_BODY_BYTES) {
      answer(HttpReply.tooLarge());
    } else if (content instanceof LastHttpContent) {
      answer(reply);
    }
  }

  private void answer(HttpReply answer) {
    requests.completed();
    if (!answering) {
      answering = true;
      sinceNanos = System.nanoTime();
      replies.refresh(sinceNanos);
    }
    if (waiting.isEmpty() && context.channel().isWritable()) {
      write(answer);
    } else {
      waiting.add(answer);
      finished = answer.closes(); // nothing after it is answered
    }
  }

  private void write(HttpReply answer) {
    boolean last = answer.closes() || draining && waiting.isEmpty() && !requests.isMidRequest();
    replies.write(context, last ? answer.closing() : answer);
    if (last) {
      finish();
    }
  }

  /** The last answer is written: ends the output once it is sent. */
  private void finish() {
    finished = true;
    if (inputEnded) {
      Endings.closeWhenSent(context);
      return;
    }
    context
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            sent -> {
              if (sent.isSuccess()) {
                ((DuplexChannel) context.channel()).shutdownOutput();
              }
            });
    ReadGate.open(context.channel(), ReadGate.Reason.PEER_SLOW); // to see the client's end
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext unused) {
    if (answering) {
      answering = false;
      context.flush();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext unused) {
    if (context.channel().isWritable()) {
      resume();
    } else if (!finished || !waiting.isEmpty()) {
      ReadGate.close(context.channel(), ReadGate.Reason.PEER_SLOW);
    }
  }

  private void resume() {
    if (!waiting.isEmpty()) {
      replies.refresh(System.nanoTime());
      while (!waiting.isEmpty() && context.channel().isWritable()) {
        write(waiting.remove());
      }
      context.flush();
    }
    if (waiting.isEmpty() && context.channel().isWritable()) {
      ReadGate.open(context.channel(), ReadGate.Reason.PEER_SLOW);
      if (inputEnded) {
        Endings.closeWhenSent(context);
      }
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext unused, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputEnded = true;
      if (waiting.isEmpty()) {
        Endings.closeWhenSent(context);
      }
    } else if (event == Draining.BEGUN) {
      draining = true;
      if (!finished && waiting.isEmpty() && !requests.isMidRequest()) {
        Endings.closeWhenSent(context);
      }
    }
  }

  /** Closes the connection if nothing has come of it for longer than the limit. */
  void check(long nowNanos, long limitNanos) {
    long room = context.channel().bytesBeforeWritable();
    if (room != roomBytes) { // the client takes its answer, however slowly
      roomBytes = room;
      sinceNanos = nowNanos;
    } else if (nowNanos - sinceNanos > limitNanos) {
      context.close();
    }
  }
}
