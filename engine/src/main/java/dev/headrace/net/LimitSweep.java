package dev.headrace.net;

import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Looks after the streams of one listener, on the JDK's timer: a timer of each connection on its
 * loop would cost the loop a timeout at every wait. What moved is told by a count that the streams
 * keep anyway, not by the clock.
 */
final class LimitSweep implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("dev.headrace");

  private final StreamLimits limits;
  private final Map<SocketStream, Watched> streams = new ConcurrentHashMap<>();
  private final Future<?> timer;

  private static final class Watched {
    private final long sinceNanos = System.nanoTime();
    private long movedNanos = sinceNanos;
    private long moves;
    private long unsentBytes;
  }

  LimitSweep(StreamLimits limits) {
    this.limits = limits;
    this.timer =
        limits.areNone()
            ? null
            : ForkJoinPool.commonPool()
                .scheduleWithFixedDelay(
                    this::sweep, limits.sweepNanos(), limits.sweepNanos(), TimeUnit.NANOSECONDS);
  }

  void began(SocketStream stream) {
    if (timer != null) {
      streams.put(stream, new Watched());
    }
  }

  void ended(SocketStream stream) {
    if (timer != null) {
      streams.remove(stream);
    }
  }

  private void sweep() {
    long now = System.nanoTime();
    streams.forEach((stream, watched) -> look(stream, watched, now));
  }

  private void look(SocketStream stream, Watched watched, long now) {
    long moves = stream.core().moves();
    long unsentBytes = stream.channel().bytesBeforeWritable();
    if (moves != watched.moves || unsentBytes != watched.unsentBytes) {
      watched.moves = moves;
      watched.unsentBytes = unsentBytes;
      watched.movedNanos = now;
    }
    if (isOver(limits.idle().toNanos(), now - watched.movedNanos)
        || isOver(limits.lifetime().toNanos(), now - watched.sinceNanos)) {
      LOG.log(Level.DEBUG, "{0} outlived {1}", stream, limits);
      streams.remove(stream);
      stream.abort();
    }
  }

  private static boolean isOver(long limitNanos, long nanos) {
    return limitNanos > 0 && nanos > limitNanos;
  }

  /** Looks no more; what it looked after lives on. */
  @Override
  public void close() {
    if (timer != null) {
      timer.cancel(false);
    }
  }
}
