package dev.headrace.examples;

import dev.headrace.Engine;
import dev.headrace.io.Streams;
import dev.headrace.net.TcpListener;
import dev.headrace.net.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Passes every connection on to one server, such as {@link EchoWithCopy}, and back. */
public final class TcpProxy {
  private TcpProxy() {}

  public static void main(String[] args) throws IOException {
    try (Engine engine = Engine.start();
        TcpListener listener = TcpListener.bind(engine, new InetSocketAddress("127.0.0.1", 8081))) {
      serve(engine, listener, new InetSocketAddress("127.0.0.1", 6142));
    }
  }

  // doc:begin
  static void serve(Engine engine, TcpListener listener, InetSocketAddress upstream)
      throws IOException {
    listener.serve(
        client -> {
          try (TcpStream server = TcpStream.connect(engine, upstream)) {
            Streams.BothWays bytes =
                Streams.copyBidirectional(client, server, engine.threadFactory());
            IO.println(bytes.aToB() + " bytes there, " + bytes.bToA() + " bytes back");
          }
        });
  }
  // doc:end
}
