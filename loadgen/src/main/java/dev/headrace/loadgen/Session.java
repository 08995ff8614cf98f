package dev.headrace.loadgen;

import java.io.PrintStream;

/**
 * What a command has to do with the world outside.
 *
 * @param out for results
 * @param err for progress and errors
 * @param stop ends it early
 */
public record Session(PrintStream out, PrintStream err, Interruption stop) {}
