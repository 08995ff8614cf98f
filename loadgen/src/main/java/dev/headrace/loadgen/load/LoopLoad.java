package dev.headrace.loadgen.load;

import dev.headrace.loadgen.measure.LoopRecorder;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;

/** What one loop drives: its lanes, its recorder, and in an open loop its pacer. */
final class LoopLoad {
  private final EventLoop loop;
  private final LoopRecorder recorder;
  private final List<Lane> lanes = new ArrayList<>();
  private final List<Integer> numbers = new ArrayList<>();
  private Pacer pacer;

  LoopLoad(EventLoop loop, LoopRecorder recorder) {
    this.loop = loop;
    this.recorder = recorder;
  }

  /** What the loop did by the end. */
  record Tally(long pending, int refused, long ticks, long lateTicks, long lastNanos) {
    static final Tally NONE = new Tally(0, 0, 0, 0, Long.MIN_VALUE);

    Tally plus(Tally other) {
      return new Tally(
          pending + other.pending,
          refused + other.refused,
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
          if (pacer != null) {
            pacer.run();
          }
        });
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
                pacer == null ? 0 : pacer.ticks(),
                pacer == null ? 0 : pacer.lateTicks(),
                recorder.lastNanos());
    return loop.submit(count);
  }

  Future<?> close() {
    return loop.submit(() -> lanes.forEach(Lane::close));
  }
}
