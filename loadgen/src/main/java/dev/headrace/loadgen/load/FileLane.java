package dev.headrace.loadgen.load;

import dev.headrace.IoFailure;
import dev.headrace.file.AsyncFile;
import dev.headrace.loadgen.measure.ErrorCounts;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import java.nio.channels.CompletionHandler;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * One operation in flight on a file, again and again: one of as many lanes as the depth says. It
 * allocates nothing per operation, and reads the clock once: the moment that an operation is done
 * is the moment that the next one starts. After a failure it rests: a full device fails at once,
 * and for good.
 */
final class FileLane implements Lane, CompletionHandler<Integer, Void>, Runnable {
  private final Site site;
  private final AsyncFile file;
  private final Positions positions;
  private final Blocks blocks;
  private final int blockBytes;
  private final boolean writes;
  private final Backoff backoff = new Backoff();

  private ByteBuf buffer;
  private long beganNanos;
  private boolean inFlight;
  private boolean ended;
  private boolean closed;

  FileLane(
      Site site,
      AsyncFile file,
      Positions positions,
      Blocks blocks,
      int blockBytes,
      boolean writes) {
    this.site = site;
    this.file = file;
    this.positions = positions;
    this.blocks = blocks;
    this.blockBytes = blockBytes;
    this.writes = writes;
  }

  /** The file is open already. */
  @Override
  public Future<?> open() {
    return site.loop().newSucceededFuture(null);
  }

  @Override
  public void begin(Pacer none) {
    buffer = blocks.take(site.engine().pool());
    if (writes) {
      SplittableRandom random = new SplittableRandom(hashCode());
      for (int at = 0; at < blockBytes; at++) {
        buffer.setByte(at, random.nextInt());
      }
    }
    run();
  }

  /** Starts over: at first, and after a rest. */
  @Override
  public void run() {
    if (!ended && !closed) {
      submit(System.nanoTime());
    }
  }

  private void submit(long now) {
    beganNanos = now;
    inFlight = true;
    if (writes) {
      buffer.setIndex(0, blockBytes);
      file.write(buffer, positions.next(), null, this);
    } else {
      buffer.setIndex(0, 0);
      file.read(buffer, positions.next(), null, this);
    }
  }

  @Override
  public void completed(Integer bytes, Void none) {
    long now = System.nanoTime();
    inFlight = false;
    if (bytes == blockBytes) {
      backoff.reset();
      site.recorder().closed(beganNanos, now, blockBytes);
      if (!ended && !closed) {
        submit(now);
      }
    } else {
      rest(ErrorCounts.SHORT);
    }
  }

  @Override
  public void failed(Throwable cause, Void none) {
    inFlight = false;
    rest(IoFailure.kindOf(cause));
  }

  /** Goes on later; never from here: it may have failed within submit. */
  private void rest(String kind) {
    if (closed) {
      return;
    }
    site.errors().add(kind, 1);
    if (!ended) {
      site.loop().schedule(this, backoff.takeMillis(), TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void offer(long intendedNanos) {
    throw new IllegalStateException("a file has no schedule: its loop is closed");
  }

  @Override
  public void flush() {}

  @Override
  public void forgetWaiting() {}

  @Override
  public void end() {
    ended = true;
  }

  @Override
  public int pending() {
    return inFlight ? 1 : 0;
  }

  @Override
  public boolean isRefused() {
    return false;
  }

  /** What is in flight keeps the memory until the kernel is done. */
  @Override
  public void close() {
    if (!closed && buffer != null) {
      buffer.release();
    }
    closed = true;
  }
}
