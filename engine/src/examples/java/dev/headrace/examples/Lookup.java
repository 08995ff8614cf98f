package dev.headrace.examples;

import dev.headrace.Engine;
import dev.headrace.net.Resolver;
import dev.headrace.net.TcpStream;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Finds the addresses of a host, and connects to one by its name. */
public final class Lookup {
  private Lookup() {}

  public static void main(String[] args) throws IOException {
    try (Engine engine = Engine.start()) {
      lookup(engine, "example.com", 80);
      connect(engine, "example.com", 80);
    }
  }

  // doc:begin
  static void lookup(Engine engine, String host, int port) throws IOException {
    IO.println(host + " resolves to:");
    for (InetSocketAddress address : Resolver.lookup(engine, host, port)) {
      IO.println("  " + address.getAddress().getHostAddress());
    }
  }

  /** Or connect directly: each of its addresses is tried, until one answers. */
  static void connect(Engine engine, String host, int port) throws IOException {
    try (TcpStream stream = TcpStream.connect(engine, host, port)) {
      IO.println("connected to " + stream.remoteAddress());
    }
  }
  // doc:end
}
