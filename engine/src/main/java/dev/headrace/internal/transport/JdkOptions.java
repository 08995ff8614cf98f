package dev.headrace.internal.transport;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioChannelOption;
import java.net.SocketOption;

/** Options of sockets that the JDK owns, by the JDK's names. */
public final class JdkOptions {
  private JdkOptions() {}

  /**
   * Reads an option.
   *
   * @param channel of the NIO transport
   * @param option the JDK's
   * @return its value; null when this kind of socket has none
   */
  public static <T> T get(Channel channel, SocketOption<T> option) {
    return channel.config().getOption(NioChannelOption.of(option));
  }

  /**
   * Sets an option.
   *
   * @param channel of the NIO transport
   * @param option the JDK's
   * @param value the value
   * @return whether this kind of socket has it
   */
  public static <T> boolean set(Channel channel, SocketOption<T> option, T value) {
    return channel.config().setOption(NioChannelOption.of(option), value);
  }
}
