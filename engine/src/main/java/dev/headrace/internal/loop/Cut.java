package dev.headrace.internal.loop;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;

/**
 * Ends a TCP connection by a reset: after a clean end its peer would take what arrived for a whole
 * stream. Unix sockets know no reset. All but {@link #isDue} is for the channel's own loop.
 */
public final class Cut {
  private Cut() {}

  /**
   * Whether to end a connection so, as the time to drain is over and it has not ended its output;
   * any thread may ask. What one that has ended it sent is whole, and still arrives.
   */
  public static boolean isDue(Channel channel) {
    return ((Loop) channel.eventLoop()).isOverdue() && isOutputOpen(channel);
  }

  private static boolean isOutputOpen(Channel channel) {
    return channel instanceof SocketChannel tcp && tcp.isOpen() && !tcp.isOutputShutdown();
  }

  /** Closes a connection at once; what it has not sent is lost. */
  public static void reset(Channel channel) {
    if (channel.isOpen()) {
      lingerNot(channel);
      channel.close();
    }
  }

  /** Makes a reset of its end, whoever closes it, unless it has ended its output. */
  static void prepare(Channel channel) {
    if (isOutputOpen(channel)) {
      lingerNot(channel);
    }
  }

  private static void lingerNot(Channel channel) {
    try {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    } catch (ChannelException e) {
      // Some systems refuse it where the peer has reset the connection: there is no need then.
    }
  }
}
