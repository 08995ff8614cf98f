package dev.headrace.service;

import dev.headrace.Draining;
import dev.headrace.Engine;
import dev.headrace.Listener;
import dev.headrace.internal.loop.ReadGate;
import dev.headrace.net.Datagram;
import dev.headrace.net.UdpSocket;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;

/**
 * Sends each datagram back to its sender, from the buffer that it was received into.
 *
 * <p>When the kernel takes no more, it stops reading: what comes meanwhile waits in the socket's
 * receive buffer, and past that the kernel drops it. A datagram whose answer fails is lost and
 * counted ({@link dev.headrace.EngineStats#datagramFailures()}); the service goes on. An empty
 * datagram has no answer: Netty sends none. Two echoes that are made to write to each other never
 * stop: it is for measuring, not for the open internet.
 */
@Sharable
public final class UdpEcho extends ChannelInboundHandlerAdapter {
  private static final System.Logger LOG = System.getLogger("dev.headrace");

  private UdpEcho() {}

  /**
   * Binds, and echoes, on one of the engine's loops.
   *
   * @param engine whose loop serves
   * @param local where; port 0 takes a free port
   * @return the listener
   * @throws IOException when the address cannot be bound
   * @throws IllegalArgumentException when it is no resolved {@code InetSocketAddress}
   */
  public static Listener serve(Engine engine, SocketAddress local) throws IOException {
    return engine.listenForDatagrams(local, new UdpEcho());
  }

  /**
   * The same in blocking style, until the socket is closed; a datagram whose answer fails is lost.
   *
   * @param socket is bound, the caller's to close
   * @throws java.io.InterruptedIOException when the calling task is interrupted
   */
  public static void echo(UdpSocket socket) throws IOException {
    while (socket.isOpen()) {
      try {
        Datagram<InetSocketAddress> datagram = socket.receiveFrom();
        socket.sendTo(datagram.bytes(), datagram.sender()); // which releases it in any case
      } catch (InterruptedIOException | ClosedChannelException e) {
        throw e;
      } catch (IOException lost) {
        LOG.log(Level.DEBUG, "{0} goes on: {1}", socket, lost);
      }
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    DatagramPacket packet = (DatagramPacket) message;
    context.write(new DatagramPacket(packet.content(), packet.sender()), context.voidPromise());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    context.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      ReadGate.open(context.channel(), ReadGate.Reason.PEER_SLOW);
    } else {
      ReadGate.close(context.channel(), ReadGate.Reason.PEER_SLOW);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == Draining.BEGUN) {
      context.close();
    }
  }
}
