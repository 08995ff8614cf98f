package dev.headrace.loadgen.measure;

import dev.headrace.linux.CpuUsage;
import dev.headrace.linux.Linux;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * One measured window: sums what the loops record, and reads what the window cost on both sides.
 * Confined to the reporting thread, but for {@link #counts}: what another thread takes from the
 * recorders meanwhile stays in the interval.
 */
public final class Measurement implements AutoCloseable {
  /** Takes each interval as it is closed. */
  public interface Sink {
    /**
     * One interval.
     *
     * @param interval its figures
     * @param latency its latencies, with time stamps; valid during the call only
     * @param service its service times, or null in a closed loop
     */
    void interval(Interval interval, Histogram latency, Histogram service) throws IOException;
  }

  private final List<LoopRecorder> recorders;
  private final ErrorCounts errors;
  private final Sink sink;
  private final Optional<LocalServer> server;
  private final LoopLag lag;
  private final int loops;

  private final Histogram latency = newHistogram();
  private final Histogram service = newHistogram();
  private final Histogram latencyInterval = newHistogram();
  private final Histogram serviceInterval = newHistogram();
  private final Histogram[] latencyTaken;
  private final Histogram[] serviceTaken;
  private final boolean open;

  private final long beganNanos = System.nanoTime();
  private final CpuUsage cpuBegan = cpuNow();
  private final OptionalLong serverCpuBegan;
  private Map<String, Long> errorsAtEnd;
  private Map<String, Long> errorsTold = Map.of();
  private long bytesTold;
  private long intervalBeganMillis = System.currentTimeMillis();

  /** Begins the window now; the server, where it is ours and local, is read at both ends. */
  public Measurement(
      List<LoopRecorder> recorders,
      List<EventLoop> loops,
      boolean open,
      ErrorCounts errors,
      Optional<LocalServer> server,
      Sink sink) {
    this.recorders = recorders;
    this.open = open;
    this.errors = errors;
    this.sink = sink;
    this.loops = loops.size();
    latencyTaken = new Histogram[recorders.size()];
    serviceTaken = new Histogram[recorders.size()];
    lag = new LoopLag(loops);
    this.server = server;
    serverCpuBegan = server.map(LocalServer::cpuNanos).orElse(OptionalLong.empty());
  }

  private static Histogram newHistogram() {
    return new Histogram(1, LoopRecorder.MAX_NANOS, LoopRecorder.DIGITS);
  }

  private static CpuUsage cpuNow() {
    return Linux.isPresent() ? CpuUsage.ofThisProcess() : new CpuUsage(0, 0);
  }

  private void drain() {
    for (int i = 0; i < recorders.size(); i++) {
      latencyTaken[i] = recorders.get(i).takeLatency(latencyTaken[i]);
      latencyInterval.add(latencyTaken[i]);
      if (open) {
        serviceTaken[i] = recorders.get(i).takeService(serviceTaken[i]);
        serviceInterval.add(serviceTaken[i]);
      }
    }
  }

  /** Closes an interval. */
  public synchronized Interval tick() throws IOException {
    drain();
    latency.add(latencyInterval);
    service.add(serviceInterval);
    stamp(latencyInterval, open ? "intended" : null);
    stamp(serviceInterval, "service");
    intervalBeganMillis = System.currentTimeMillis();
    Map<String, Long> errorsNow = errors();
    long bytesNow = bytesNow();
    Interval interval =
        Interval.of(
            (System.nanoTime() - beganNanos) / 1e9,
            latencyInterval,
            since(errorsTold, errorsNow),
            bytesNow - bytesTold);
    errorsTold = errorsNow;
    bytesTold = bytesNow;
    sink.interval(interval, latencyInterval, open ? serviceInterval : null);
    latencyInterval.reset();
    serviceInterval.reset();
    return interval;
  }

  /** Closes the last interval: what comes later is not the run's. */
  public synchronized Interval end() throws IOException {
    errorsAtEnd = errors.byKind();
    return tick();
  }

  /**
   * What there is so far; a copy.
   *
   * @param latency in nanoseconds
   * @param service times in nanoseconds; empty in a closed loop
   * @param errors by kind
   * @param bytes of payload answered
   */
  public record Counts(Histogram latency, Histogram service, Map<String, Long> errors, long bytes) {
    /** Of a window that has not begun. */
    public static Counts none() {
      return new Counts(newHistogram(), newHistogram(), Map.of(), 0);
    }
  }

  /** Counts to this moment, or to the end; any thread. They never go back. */
  public synchronized Counts counts() {
    if (errorsAtEnd == null) {
      drain();
    }
    Histogram latencies = latency.copy();
    latencies.add(latencyInterval);
    Histogram services = service.copy();
    services.add(serviceInterval);
    return new Counts(latencies, services, errors(), errorsAtEnd == null ? bytesNow() : bytesTold);
  }

  /** By kind, until now or the end. */
  public synchronized Map<String, Long> errors() {
    return errorsAtEnd == null ? errors.byKind() : errorsAtEnd;
  }

  private long bytesNow() {
    return recorders.stream().mapToLong(LoopRecorder::bytes).sum();
  }

  /** How late the loops were so far, the 99th percentile; any thread. */
  public long lagP99Nanos() {
    return lag.p99Nanos();
  }

  private static Map<String, Long> since(Map<String, Long> before, Map<String, Long> now) {
    Map<String, Long> more = new TreeMap<>(now);
    before.forEach((kind, count) -> more.merge(kind, -count, Long::sum));
    more.values().removeIf(count -> count == 0);
    return more;
  }

  private void stamp(Histogram histogram, String tag) {
    histogram.setStartTimeStamp(intervalBeganMillis);
    histogram.setEndTimeStamp(System.currentTimeMillis());
    histogram.setTag(tag);
  }

  /**
   * What a window cost, and what the generator thinks of itself.
   *
   * @param cpu of this process
   * @param wallNanos of the same stretch
   * @param serverCpuNanos of the server, where it is ours, local, and still there
   * @param lagP99Nanos how late this process's loops were
   * @param cpuShare of this process: CPU time over the wall time of its loops
   */
  public record Cost(
      CpuUsage cpu,
      long wallNanos,
      OptionalLong serverCpuNanos,
      long lagP99Nanos,
      double cpuShare) {}

  /** Reads the cost since the window began. */
  public Cost cost() {
    CpuUsage cpu = cpuNow().since(cpuBegan);
    long wallNanos = System.nanoTime() - beganNanos;
    OptionalLong serverNow = server.map(LocalServer::cpuNanos).orElse(OptionalLong.empty());
    OptionalLong serverCpu =
        serverNow.isPresent() && serverCpuBegan.isPresent()
            ? OptionalLong.of(serverNow.getAsLong() - serverCpuBegan.getAsLong())
            : OptionalLong.empty();
    double share = cpu.totalNanos() / (double) Math.max(1, wallNanos * loops);
    return new Cost(cpu, wallNanos, serverCpu, lag.p99Nanos(), share);
  }

  /** All latencies of the window until the last tick. */
  public Histogram latency() {
    return latency;
  }

  /** The payload bytes of the window's answers until the last tick. */
  public long bytes() {
    return bytesTold;
  }

  /** All service times of the window until the last tick; empty in a closed loop. */
  public Histogram service() {
    return service;
  }

  @Override
  public void close() {
    lag.close();
  }
}
