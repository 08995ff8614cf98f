package dev.headrace.net;

import dev.headrace.internal.transport.JdkOptions;
import dev.headrace.linux.LinuxException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.function.Function;

/**
 * An option of a socket; {@link SocketOptions} has them all. On io_uring and epoll it is set on the
 * descriptor itself; on NIO by the JDK, which lacks some.
 *
 * @param <T> what its value is
 */
public final class Option<T> {
  private final String name;
  private final Descriptor<T> descriptor;
  private final Jdk<T, ?> jdk;

  Option(String name, Descriptor<T> descriptor, Jdk<T, ?> jdk) {
    this.name = name;
    this.descriptor = descriptor;
    this.jdk = jdk;
  }

  /** An option by the socket's descriptor. */
  interface Descriptor<T> {
    T get(int fd) throws LinuxException;

    void set(int fd, T value) throws LinuxException;
  }

  /** An option by the JDK, and its value in the JDK's form. */
  record Jdk<T, J>(java.net.SocketOption<J> option, Function<T, J> toJdk, Function<J, T> fromJdk) {
    T get(Channel channel) {
      J value = JdkOptions.get(channel, option);
      return value == null ? null : fromJdk.apply(value);
    }

    boolean set(Channel channel, T value) {
      return JdkOptions.set(channel, option, toJdk.apply(value));
    }
  }

  /** Reads it, on the channel's loop, where nobody closes the descriptor meanwhile. */
  T get(Channel channel) throws IOException {
    refuseClosed(channel);
    if (channel instanceof UnixChannel unix) {
      return descriptor.get(unix.fd().intValue());
    }
    T value = null;
    try {
      value = jdk == null ? null : jdk.get(channel);
    } catch (ChannelException e) {
      throw failure(e);
    }
    if (value == null) {
      throw lacking();
    }
    return value;
  }

  /** Sets it, on the channel's loop, or before it is registered. */
  void set(Channel channel, T value) throws IOException {
    refuseClosed(channel);
    if (channel instanceof UnixChannel unix) {
      descriptor.set(unix.fd().intValue(), value);
      return;
    }
    try {
      if (jdk == null || !jdk.set(channel, value)) {
        throw lacking();
      }
    } catch (ChannelException e) {
      throw failure(e);
    }
  }

  private static void refuseClosed(Channel channel) throws ClosedChannelException {
    if (!channel.isOpen()) {
      throw new ClosedChannelException();
    }
  }

  private IOException failure(ChannelException e) {
    return e.getCause() instanceof IOException cause
        ? new IOException(name + ": " + cause.getMessage(), cause)
        : new IOException(name + ": " + e.getMessage(), e);
  }

  private UnsupportedOperationException lacking() {
    return new UnsupportedOperationException(
        "the JDK has no "
            + name
            + " for this kind of socket, so neither has the nio transport: use io_uring or epoll");
  }

  /** The name of its constant. */
  @Override
  public String toString() {
    return name;
  }
}
