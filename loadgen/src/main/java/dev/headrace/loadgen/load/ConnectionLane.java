package dev.headrace.loadgen.load;

import dev.headrace.IoFailure;
import dev.headrace.loadgen.measure.ErrorCounts;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.Future;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A lane of one connection after the other: what its conversation has no room for waits its turn
 * here, and a connection that is lost is replaced.
 */
final class ConnectionLane implements Lane {
  private final Site site;
  private final SocketAddress target;
  private final Function<ConnectionLane, Conversation> conversations;
  private final LongQueue due = new LongQueue();
  private final Backoff backoff = new Backoff();

  private Conversation connection;
  private Pacer pacer;
  private boolean running;
  private boolean connecting;
  private boolean refused;
  private boolean ended;
  private boolean closed;

  /**
   * Makes a lane.
   *
   * @param conversations makes what speaks on each of its connections
   */
  ConnectionLane(
      Site site, SocketAddress target, Function<ConnectionLane, Conversation> conversations) {
    this.site = site;
    this.target = target;
    this.conversations = conversations;
  }

  @Override
  public Future<?> open() {
    connecting = true;
    Conversation next = conversations.apply(this);
    ChannelFuture connect = site.bootstrap(target).handler(next.handler()).connect();
    return connect.addListener((ChannelFuture done) -> connected(next, done));
  }

  private void connected(Conversation next, ChannelFuture done) {
    connecting = false;
    if (closed) {
      done.channel().close();
    } else if (done.isSuccess()) {
      backoff.reset();
      refused = false;
      connection = next;
      if (running) {
        fill();
      }
    } else {
      refused = true;
      site.errors().add(IoFailure.kindOf(done.cause()), 1);
      reconnect();
    }
  }

  private void reconnect() {
    if (running && !closed && !connecting) {
      connecting = true;
      site.loop().schedule(this::open, backoff.takeMillis(), TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void begin(Pacer pacer) {
    this.pacer = pacer;
    running = true;
    if (connection == null) {
      reconnect();
    } else {
      fill();
    }
  }

  private void fill() {
    long now = System.nanoTime();
    while (connection.hasRoom() && refill(now)) {
      // As many as the depth allows.
    }
    connection.flush();
  }

  /** Sends the next request if there is one; the caller flushes. */
  boolean refill(long now) {
    if (!site.open()) {
      if (!ended) {
        connection.send(now, now);
      }
      return !ended;
    }
    if (due.isEmpty()) {
      return false;
    }
    connection.send(due.remove(), now);
    return true;
  }

  /** Answers came: more may be due. */
  void answersCame(long now) {
    if (pacer != null) {
      pacer.offerDue(now);
    }
  }

  @Override
  public void forgetWaiting() {
    due.clear();
  }

  @Override
  public void offer(long intendedNanos) {
    due.add(intendedNanos);
    if (connection != null && connection.hasRoom()) {
      refill(System.nanoTime());
    }
  }

  @Override
  public void flush() {
    if (connection != null) {
      connection.flush();
    }
  }

  /** The connection failed with so many requests in flight: they are lost, those due are not. */
  void broken(String kind, int lost) {
    connection = null;
    if (!closed) {
      site.errors().add(kind, Math.max(1, lost));
      reconnect();
    }
  }

  /** The target ended the connection as it said it would; what is in flight is lost. */
  void finished(int lost) {
    connection = null;
    if (!closed) {
      site.errors().add(ErrorCounts.CLOSED, lost);
      open();
    }
  }

  @Override
  public void end() {
    ended = true;
  }

  @Override
  public int pending() {
    return due.size() + (connection == null ? 0 : connection.inFlight());
  }

  @Override
  public boolean isRefused() {
    return refused;
  }

  @Override
  public void close() {
    closed = true;
    if (connection != null) {
      connection.close();
    }
  }
}
