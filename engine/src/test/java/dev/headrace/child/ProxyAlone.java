package dev.headrace.child;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.Transport;
import dev.headrace.fixture.Await;
import dev.headrace.service.Proxy;
import java.net.InetSocketAddress;

/** A proxy, until its standard input ends: its transport, its address, its upstream's. */
final class ProxyAlone {
  private ProxyAlone() {}

  public static void main(String[] args) throws Exception {
    EngineOptions options =
        EngineOptions.builder().transport(Transport.valueOf(args[0])).loops(1).build();
    try (Engine engine = Engine.start(options)) {
      Proxy.serve(engine, address(args[1], args[2]), address(args[3], args[4]));
      System.out.println("serving");
      while (System.in.read() >= 0) {}
      Await.until(() -> "all is closed: " + engine.stats(), () -> engine.stats().open() == 0);
    }
    System.out.println("nothing is open");
  }

  private static InetSocketAddress address(String host, String port) {
    return new InetSocketAddress(host, Integer.parseInt(port));
  }
}
