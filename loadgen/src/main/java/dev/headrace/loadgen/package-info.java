/** The laboratory's command line: a class a command, and how its values are read. */
package dev.headrace.loadgen;
