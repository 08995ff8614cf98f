package dev.headrace.child;

import dev.headrace.Engine;
import dev.headrace.EngineOptions;
import dev.headrace.Transport;
import dev.headrace.TransportUnavailableException;
import dev.headrace.fixture.Wire;
import dev.headrace.service.Echo;
import java.nio.channels.SocketChannel;

/**
 * Refuses itself something, if told to, then starts an engine on the best transport and one on
 * io_uring, echoes, and prints what it got.
 */
final class Starts {
  private Starts() {}

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "as-it-is" -> {}
      case "eperm" -> Seccomp.refuse(Seccomp.IO_URING_SETUP, Seccomp.EPERM);
      case "enosys" -> Seccomp.refuse(Seccomp.IO_URING_SETUP, Seccomp.ENOSYS);
      case "no-buffer-rings" -> Seccomp.refuseRegister(22, Seccomp.EINVAL);
      case "small-rings-only" -> Seccomp.refuseRingsAbove(512, Seccomp.ENOMEM);
      case "no-memory-for-rings" -> Seccomp.refuseRingsAbove(64, Seccomp.ENOMEM);
      default -> throw new IllegalArgumentException(args[0]);
    }
    start(Transport.AUTO);
    start(Transport.IO_URING);
  }

  private static void start(Transport transport) throws Exception {
    EngineOptions options = EngineOptions.builder().transport(transport).loops(1).build();
    try (Engine engine = Engine.start(options);
        SocketChannel client = Wire.connect(Echo.serve(engine, Wire.ANY_PORT).localAddress())) {
      Wire.send(client, new byte[10_000]);
      Wire.read(client, 10_000);
      System.out.println(transport + " gave " + engine.transport());
      System.out.println("reason: " + engine.report().reason());
      System.out.println("features: " + engine.report().entry(engine.transport()).features());
      System.out.println("in use: " + (engine.stats().buffersInUse() > 0));
    } catch (TransportUnavailableException e) {
      System.out.println("refused: " + e.getMessage());
    }
  }
}
