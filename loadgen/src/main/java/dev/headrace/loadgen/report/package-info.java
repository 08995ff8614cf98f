/** What a run leaves: the result document, the run directory, the table, the live progress. */
package dev.headrace.loadgen.report;
