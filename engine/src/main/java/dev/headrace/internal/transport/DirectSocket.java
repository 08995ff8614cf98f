package dev.headrace.internal.transport;

import io.netty.channel.EventLoop;

/**
 * The socket of a channel, for who moves its bytes beside the channel. While its reading is taken
 * over, the channel hears of nothing that arrives: neither of bytes, nor of the end, nor of an
 * error. Confined to the loop.
 */
public interface DirectSocket {
  /** Its number; the channel's, and another socket's once the channel is closed. */
  int descriptor();

  /**
   * Runs an action once the channel has no receive under way, and what it received before has been
   * handed on. The channel's reading must have been stopped, with auto-read, while it received.
   *
   * @param loop the channel's
   * @param action runs there, not before this method returns
   */
  void whenQuiet(EventLoop loop, Runnable action);

  /**
   * Whether the channel has no receive under way. A hang-up begins one, whatever auto-read says.
   */
  boolean isQuiet();

  /**
   * Takes the channel's reading over, which must be quiet.
   *
   * @param readable runs when there may be bytes, the end or an error, after {@link #awaitReadable}
   */
  void takeReading(Runnable readable);

  /**
   * Wants to be told.
   *
   * @param drained whether the socket has just said that there is nothing more
   */
  void awaitReadable(boolean drained);

  /**
   * Wants to be told once when there may be room to send, or sending fails.
   *
   * @param writable runs then, not before this method returns
   */
  void awaitWritable(Runnable writable);

  /** Forgets who awaits room. */
  void stopAwaitingWritable();

  /** The channel reads again by itself, once its auto-read is on, and hears of what it missed. */
  void giveReadingBack();
}
