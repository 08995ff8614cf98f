package dev.headrace.loadgen.load;

import dev.headrace.loadgen.Interruption;
import dev.headrace.loadgen.measure.Watcher;
import dev.headrace.loadgen.report.Progress;
import dev.headrace.loadgen.report.RunDirectory;

/**
 * What a run has around it, whatever it measures.
 *
 * @param directory where the run is kept
 * @param progress the person who watches
 * @param stop ends it early: the result is partial then
 * @param watcher the program that watches
 */
public record RunContext(
    RunDirectory directory, Progress progress, Interruption stop, Watcher watcher) {
  /** Of a run that no program watches. */
  public RunContext(RunDirectory directory, Progress progress, Interruption stop) {
    this(directory, progress, stop, Watcher.NONE);
  }
}
