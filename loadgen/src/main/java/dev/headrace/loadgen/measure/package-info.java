/**
 * What is measured during a run, and who may write it: a loop its own, a reporting thread the sums.
 */
package dev.headrace.loadgen.measure;
