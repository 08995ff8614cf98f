package dev.headrace.net;

import dev.headrace.Draining;
import dev.headrace.internal.loop.Cut;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;

/** Joins the two directions of a stream to its channel, and ends them together. */
final class StreamCore extends ChannelInboundHandlerAdapter {
  private static final System.Logger LOG = System.getLogger("dev.headrace");

  /** How long a closed stream goes on sending what it still has. */
  private static final int LINGER_SECONDS = 30;

  private final StreamState state = new StreamState();
  private final Inbound inbound = new Inbound(state);
  private final Outbound outbound = new Outbound(state);

  // Confined to the loop.
  private Runnable onActive;
  private boolean draining;
  private boolean isSent;

  /**
   * A core for a channel that is being made.
   *
   * @param onActive runs on the loop when the stream is connected
   */
  StreamCore(Runnable onActive) {
    this.onActive = onActive;
  }

  Inbound inbound() {
    return inbound;
  }

  Outbound outbound() {
    return outbound;
  }

  Channel channel() {
    return state.channel();
  }

  // ---- the channel's events ----

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    state.join(added);
    added.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
  }

  @Override
  public void channelActive(ChannelHandlerContext active) {
    Runnable action = onActive;
    onActive = null;
    if (action != null) {
      action.run();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    inbound.arrived((ByteBuf) message);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    outbound.wakeWhenRoom();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      endInput();
    } else if (event == Draining.BEGUN && from.channel().parent() != null) {
      draining = true;
      endInput();
    }
  }

  private void endInput() {
    inbound.end();
    if (isSent) {
      allSent();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext gone) {
    Object reader;
    Object writer;
    state.lock();
    try {
      reader = inbound.ended();
      writer = outbound.cut();
    } finally {
      state.unlock();
    }
    Waiting.wake(reader);
    Waiting.wake(writer);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.log(Level.ERROR, "a handler failed; " + from.channel() + " is closed", cause);
    }
    state.fail(cause);
    from.close();
  }

  // ---- the end ----

  /** Whoever waits is woken; what was sent goes out in the background. */
  void close() {
    close(this::sendRest);
  }

  /** Ends the connection at once; what was not sent is lost, and the peer sees a reset. */
  void abort() {
    state.lock();
    try {
      outbound.release();
    } finally {
      state.unlock();
    }
    if (!close(this::reset)) {
      state.carrier().flushLater(this::reset); // it still sends what it had when it was closed
    }
  }

  private boolean close(Runnable end) {
    Object reader;
    Object writer;
    state.lock();
    try {
      if (state.closed) {
        return false;
      }
      state.closed = true;
      inbound.release();
      reader = inbound.waiter();
      writer = outbound.waiter();
    } finally {
      state.unlock();
    }
    wakeFromAnyThread(reader);
    wakeFromAnyThread(writer);
    state.carrier().flushLater(end); // if not, the loop has ended, and with it the connection
    return true;
  }

  /** What depends on a future runs on the loop, as long as there is one. */
  private void wakeFromAnyThread(Object waiter) {
    if (!(waiter instanceof Direction.AsyncWait wait) || !state.carrier().flushLater(wait)) {
      Waiting.wake(waiter);
    }
  }

  private void sendRest() {
    Channel channel = state.channel();
    if (Cut.isDue(channel)) {
      Cut.reset(channel);
      return;
    }
    outbound.run();
    inbound.resume();
    if (!channel.isOpen()) {
      return;
    }
    ChannelFuture sent = state.context().writeAndFlush(Unpooled.EMPTY_BUFFER);
    if (!sent.isDone() || draining) {
      var late =
          channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
      channel.closeFuture().addListener(gone -> late.cancel(false));
    }
    sent.addListener(
        done -> {
          isSent = true;
          allSent();
        });
  }

  /**
   * Closing with bytes unread resets the connection, and the reset overtakes what is on its way. A
   * stream that was told to end cannot know that its peer has sent its last byte: it waits for it.
   */
  private void allSent() {
    DuplexChannel channel = (DuplexChannel) state.channel();
    if (Cut.isDue(channel)) {
      Cut.reset(channel);
    } else if (!draining || channel.isInputShutdown()) {
      channel.close();
    } else if (!channel.isOutputShutdown()) {
      channel.shutdownOutput();
    }
  }

  private void reset() {
    Cut.reset(state.channel());
  }

  /** Another number whenever bytes came in or went out. */
  long moves() {
    state.lock();
    try {
      return state.moves;
    } finally {
      state.unlock();
    }
  }

  boolean isOpen() {
    state.lock();
    try {
      return !state.closed;
    } finally {
      state.unlock();
    }
  }
}
