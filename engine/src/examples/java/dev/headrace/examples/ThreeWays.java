package dev.headrace.examples;

import dev.headrace.Engine;
import dev.headrace.Listener;
import dev.headrace.io.Streams;
import dev.headrace.net.TcpListener;
import dev.headrace.net.TcpStream;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/** One engine, and the same echo server in three ways. */
public final class ThreeWays {
  private ThreeWays() {}

  public static void main(String[] args) throws Exception {
    try (Engine engine = Engine.start()) {
      handlers(engine, new InetSocketAddress("127.0.0.1", 7000));
      TcpListener asynchronous = TcpListener.bind(engine, new InetSocketAddress("127.0.0.1", 7001));
      accept(asynchronous);
      blocking(TcpListener.bind(engine, new InetSocketAddress("127.0.0.1", 7002)));
    }
  }

  /** A task for each connection, on the loop that owns its socket. */
  // doc:begin
  static void blocking(TcpListener listener) throws IOException {
    listener.serve(client -> Streams.copy(client, client));
  }

  // doc:end

  /** Nobody waits: each step begins when the one before it is done. */
  // doc:begin
  static void accept(TcpListener listener) {
    listener
        .acceptAsync()
        .thenAccept(
            client -> {
              echo(client);
              accept(listener);
            });
  }

  static void echo(TcpStream client) {
    client
        .receiveAsync()
        .thenCompose(bytes -> bytes == null ? END : client.sendAsync(bytes))
        .whenComplete(
            (taken, failure) -> {
              if (failure == null) {
                echo(client);
              } else {
                client.close();
              }
            });
  }

  static final CompletableFuture<Void> END =
      CompletableFuture.failedFuture(new EOFException("the client has ended"));

  // doc:end

  /** Netty's own pipeline: TLS, HTTP/2 and any other codec plug in here. */
  // doc:begin
  static Listener handlers(Engine engine, InetSocketAddress address) throws IOException {
    return engine.listen(
        address,
        new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new EchoHandler());
          }
        });
  }

  static final class EchoHandler extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.writeAndFlush(message, context.voidPromise());
    }
  }
  // doc:end
}
