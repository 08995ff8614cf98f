package dev.headrace.service;

/**
 * What the connections of one proxy on one loop have done in one direction. Written by the loop's
 * own thread with plain stores, read by others at any time: a count may be a moment old.
 */
final class Flow {
  /** Bytes passed on to the kernel, or handed to the channel that sends them. */
  long bytes;

  /** How many of them were spliced through the kernel. */
  long splicedBytes;

  /** Directions that are spliced through the kernel now. */
  int spliced;

  /** Connections that a reset or another failure of the receiving side ended. */
  long resets;
}
