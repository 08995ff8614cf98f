package dev.headrace.loadgen.load;

import dev.headrace.loadgen.measure.LoopRecorder;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** What one loop drives: its lanes, its recorder, and in an open loop its pacer. */
final class LoopLoad {
  private final EventLoop loop;
  private final LoopRecorder recorder;
  private final List<Lane> lanes = new ArrayList<>();
  private final List<Integer> numbers = new ArrayList<>();
  private final Optional<Duration> timeout;
  private Pacer pacer;
  private Future<?> expiry;

  /** A request is given up this share of its time-out too late at most. */
  private static final int EXPIRIES_PER_TIMEOUT = 20;

  LoopLoad(EventLoop loop, LoopRecorder recorder, Optional<Duration> timeout) {
    this.loop = loop;
    this.recorder = recorder;
    this.timeout = timeout;
  }

  /** What the loop did by the end. */
  record Tally(
      long pending, int refused, long ignored, long ticks, long lateTicks, long lastNanos) {
    static final Tally NONE = new Tally(0, 0, 0, 0, 0, Long.MIN_VALUE);

    Tally plus(Tally other) {
      return new Tally(
          pending + other.pending,
          refused + other.refused,
          ignored + other.ignored,
          ticks + other.ticks,
          lateTicks + other.lateTicks,
          Math.max(lastNanos, other.lastNanos));
    }
  }

  EventLoop loop() {
    return loop;
  }

  LoopRecorder recorder() {
    return recorder;
  }

  void add(Lane lane, int number) {
    lanes.add(lane);
    numbers.add(number);
  }

  List<Lane> lanes() {
    return lanes;
  }

  /** Starts; the measured window is from the one time until before the other. */
  Future<?> begin(RunPlan plan, int allLanes, long startNanos, long fromNanos, long toNanos) {
    return loop.submit(
        () -> {
          recorder.window(fromNanos, toNanos);
          plan.pace()
              .ifPresent(
                  pace -> {
                    int[] mine = numbers.stream().mapToInt(Integer::intValue).toArray();
                    LongSupplier schedule =
                        pace.arrivals().schedule(pace.rate(), mine, allLanes, pace.seed());
                    pacer = new Pacer(loop, lanes, schedule, startNanos, fromNanos, toNanos);
                  });
          lanes.forEach(lane -> lane.begin(pacer));
          timeout.ifPresent(
              limit -> { // one timer for all lanes: each costs a submission at every wait
                long nanos = Math.max(1, limit.toNanos() / EXPIRIES_PER_TIMEOUT);
                expiry =
                    loop.scheduleWithFixedDelay(this::expire, nanos, nanos, TimeUnit.NANOSECONDS);
              });
          if (pacer != null) {
            pacer.run();
          }
        });
  }

  private void expire() {
    long now = System.nanoTime();
    lanes.forEach(lane -> lane.expire(now));
  }

  /** Makes no new request from now on. */
  Future<?> end() {
    return loop.submit(
        () -> {
          if (pacer != null) {
            pacer.end();
          }
          lanes.forEach(Lane::end);
        });
  }

  Future<Tally> tally() {
    Callable<Tally> count =
        () ->
            new Tally(
                lanes.stream().mapToLong(Lane::pending).sum(),
                (int) lanes.stream().filter(Lane::isRefused).count(),
                lanes.stream().mapToLong(Lane::ignored).sum(),
                pacer == null ? 0 : pacer.ticks(),
                pacer == null ? 0 : pacer.lateTicks(),
                recorder.lastNanos());
    return loop.submit(count);
  }

  Future<?> close() {
    return loop.submit(
        () -> {
          if (expiry != null) {
            expiry.cancel(false);
          }
          lanes.forEach(Lane::close);
        });
  }
}
