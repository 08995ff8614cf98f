package dev.headrace.loadgen.load;

import dev.headrace.IoFailure;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A lane of echo requests: at most {@code depth} in flight, and the rest waits its turn. */
final class EchoLane implements Lane {
  private final Site site;
  private final int index;
  private final Payload payload;
  private final int depth;
  private final LongQueue due = new LongQueue();
  private final Backoff backoff = new Backoff();

  private EchoConnection connection;
  private Pacer pacer;
  private boolean running;
  private boolean connecting;
  private boolean refused;
  private boolean ended;
  private boolean closed;

  EchoLane(Site site, int index, Payload payload, int depth) {
    this.site = site;
    this.index = index;
    this.payload = payload;
    this.depth = depth;
  }

  int index() {
    return index;
  }

  @Override
  public Future<?> open() {
    connecting = true;
    EchoConnection next = new EchoConnection(this, site, payload, depth);
    ChannelFuture connect = site.bootstrap().handler(next).connect();
    return connect.addListener((ChannelFuture done) -> connected(next, done));
  }

  private void connected(EchoConnection next, ChannelFuture done) {
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
