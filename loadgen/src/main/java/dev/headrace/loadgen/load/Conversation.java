package dev.headrace.loadgen.load;

import io.netty.channel.ChannelHandler;

/**
 * One connection of a lane, and the protocol spoken on it: how requests are written and answers
 * recognized. It tells its lane when answers came and when it ends. Confined to its loop.
 */
interface Conversation {
  /** What stands in the channel's pipeline. */
  ChannelHandler handler();

  /** Whether one more request may be in flight. */
  boolean hasRoom();

  /** Requests without an answer. */
  int inFlight();

  /** Writes a request, and leaves it to {@link #flush} to send it. */
  void send(long intendedNanos, long nowNanos);

  /** Sends what was written. */
  void flush();

  /** Ends it without an error. */
  void close();
}
