package dev.headrace.loadgen.report;

import dev.headrace.loadgen.measure.Interval;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** What a person sees while the run goes on, on standard error. */
public interface Progress extends AutoCloseable {
  /** A stretch of the run that has no figures yet. */
  void phase(String what);

  /** An interval is over. */
  void update(Interval interval);

  @Override
  void close();

  /** A bar on a terminal, a line a second elsewhere. */
  static Progress to(PrintStream err, String task, Duration duration) {
    return err == System.err && isTerminal() ? new Bar(err, task, duration) : new Lines(err, task);
  }

  /** Shows nothing. */
  static Progress none() {
    return new Silent();
  }

  /** The JDK tells whether standard input and output are terminals, not standard error. */
  private static boolean isTerminal() {
    try {
      String link = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return link.startsWith("/dev/pts/") || link.startsWith("/dev/tty");
    } catch (IOException notLinux) {
      return System.console() != null && System.console().isTerminal();
    }
  }

  private static String text(Interval interval) {
    String errors = interval.errors() == 0 ? "" : "  errors " + Figures.count(interval.errors());
    String latency =
        interval.requests() == 0
            ? "  no answer"
            : "  p50 "
                + Figures.time(interval.p50Seconds())
                + "  p99 "
                + Figures.time(interval.p99Seconds())
                + "  max "
                + Figures.time(interval.maxSeconds());
    return Figures.count(interval.requests()) + latency + errors;
  }

  /** A line an interval. */
  record Lines(PrintStream err, String task) implements Progress {
    @Override
    public void phase(String what) {
      err.println(task + ": " + what);
    }

    @Override
    public void update(Interval interval) {
      err.printf("%s: %3.0f s  %s%n", task, interval.elapsedSeconds(), text(interval));
    }

    @Override
    public void close() {}
  }

  /** A bar that fills as the measured window passes. */
  final class Bar implements Progress {
    private static final int WIDTH = 110;

    private final ProgressBar bar;

    Bar(PrintStream err, String task, Duration duration) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(task)
              .setInitialMax(Math.max(1, duration.toMillis()))
              .setUnit(" s", 1000)
              .setStyle(ProgressBarStyle.ASCII)
              .hideEta()
              .clearDisplayOnFinish()
              .setConsumer(new ConsoleProgressBarConsumer(err, WIDTH))
              .build();
    }

    @Override
    public void phase(String what) {
      bar.setExtraMessage(what);
    }

    @Override
    public void update(Interval interval) {
      bar.stepTo(Math.min(bar.getMax(), Math.round(interval.elapsedSeconds() * 1000)));
      bar.setExtraMessage(text(interval));
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  /** Nothing. */
  record Silent() implements Progress {
    @Override
    public void phase(String what) {}

    @Override
    public void update(Interval interval) {}

    @Override
    public void close() {}
  }
}
