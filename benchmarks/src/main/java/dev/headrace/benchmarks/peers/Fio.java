package dev.headrace.benchmarks.peers;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.linux.CpuTime;
import dev.headrace.linux.LinuxException;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One run of fio. Its {@code usr_cpu} and {@code sys_cpu} are its job thread's alone: the ring's
 * kernel workers, which do all buffered writes on ext4, are not in them. They are threads of its
 * process, though, so that process's CPU clock is read from outside instead.
 */
final class Fio {
  private static final int SAMPLE_MILLIS = 10;

  /** Between the end of the measured time and that of the process; 30 ms were seen. */
  private static final long TEARDOWN_NANOS = 100_000_000;

  /** The part of the measured time in which the clock is read: its edges are not known exactly. */
  private static final double WINDOW = 0.8;

  private record Clock(long at, long cpuNanos) {}

  private Fio() {}

  /**
   * A command that times operations as Headrace does, one job on one ring. All sides have the same
   * idea of random (any block, any number of times) and none advises the kernel.
   */
  static List<String> command(
      BenchmarkFile file, FileCell cell, int depth, double warmupSeconds, double seconds) {
    return new ArrayList<>(
        List.of(
            "fio",
            "--name=headrace-peer",
            "--filename=" + file.path(),
            "--filesize=" + file.sizeBytes(),
            "--size=" + file.sizeBytes(),
            "--rw=" + cell.mode(),
            "--bs=" + cell.blockBytes(),
            "--direct=" + (cell.direct() ? 1 : 0),
            "--ioengine=io_uring",
            "--iodepth=" + depth,
            "--thread",
            "--time_based",
            "--ramp_time=" + (long) (warmupSeconds * 1000) + "ms",
            "--runtime=" + (long) (seconds * 1000) + "ms",
            "--invalidate=0",
            "--norandommap=1",
            "--randrepeat=0",
            "--fadvise_hint=0",
            "--fallocate=none",
            "--allow_file_create=0",
            "--output-format=json"));
  }

  /** What its manual offers beside: registered buffers and file, up to 16 operations a call. */
  static List<String> batched(List<String> command) {
    command.addAll(
        List.of(
            "--fixedbufs",
            "--registerfiles",
            "--iodepth_batch_submit=16",
            "--iodepth_batch_complete_min=1",
            "--iodepth_batch_complete_max=64"));
    return command;
  }

  /** Runs it to its good end. */
  static Turns.Sample run(List<String> command, double seconds)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    CompletableFuture<String> output = Programs.text(process.getInputStream());
    List<Clock> clocks = new ArrayList<>();
    while (!process.waitFor(SAMPLE_MILLIS, TimeUnit.MILLISECONDS)) {
      sample(process, clocks);
    }
    long ended = System.nanoTime();
    String text = output.join();
    if (process.exitValue() != 0) {
      throw new IOException("fio ended with status " + process.exitValue() + ": " + text);
    }
    // Notes for people come before the document.
    JsonNode job = Programs.json(text.substring(text.indexOf('{'))).get("jobs").get(0);
    double rate = job.get("read").get("iops").asDouble() + job.get("write").get("iops").asDouble();
    return new Turns.Sample(cpuShare(clocks, ended - TEARDOWN_NANOS, seconds) * 1e6 / rate, rate);
  }

  private static void sample(Process process, List<Clock> clocks) {
    try {
      clocks.add(new Clock(System.nanoTime(), CpuTime.ofProcessNanos(process.pid())));
    } catch (LinuxException e) {
      // It ended between the two lines: the next wait tells.
    }
  }

  /** CPUs that were busy during the last part of the measured time. */
  private static double cpuShare(List<Clock> clocks, long until, double seconds)
      throws IOException {
    long from = until - (long) (seconds * WINDOW * 1e9);
    List<Clock> window =
        clocks.stream().filter(clock -> clock.at - from >= 0 && clock.at - until <= 0).toList();
    if (window.size() < 2) {
      throw new IOException("fio ran too short to read its CPU clock: give more --seconds");
    }
    Clock first = window.getFirst();
    Clock last = window.getLast();
    return (double) (last.cpuNanos - first.cpuNanos) / (last.at - first.at);
  }
}
